"""`python -m actions`: the action server alone."""

from actions.server import serve
from bot.settings import Settings

if __name__ == "__main__":
    serve(Settings())
