"""What axe-core finds wrong with a page as people with disabilities meet it."""

from __future__ import annotations

from playwright.sync_api import Page

from bot.settings import ROOT

_SCRIPT = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """One line for each; none is what a page must have. The page's own content policy does not bind the inspector."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": _SCRIPT.read_text()})
    found = session.send(
        "Runtime.evaluate", {"expression": "axe.run(document)", "awaitPromise": True, "returnByValue": True}
    )
    session.detach()
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}" for one in found["result"]["value"]["violations"]
    ]
