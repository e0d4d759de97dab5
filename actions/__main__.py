"""`python -m actions`: the action server alone."""

import sys

from actions.server import serve
from bot.errors import TriagemError
from bot.settings import Settings

if __name__ == "__main__":
    try:
        serve(Settings())
    except TriagemError as error:
        sys.exit(f"triagem: {error}")
