"""`python -m rasa_server train | serve`: see `launch`."""

import sys

from rasa_server.launch import main

if __name__ == "__main__":
    sys.exit(main())
