"""People at their browsers, and what every page they open must be."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from bot.settings import ROOT
from tests.e2e.axe import violations
from tests.stack import Person, Stack

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = [pytest.param((1280, 800), id="1280"), pytest.param((360, 740), id="360")]
SHOTS = ROOT / "var" / "shots"


@dataclass
class Desk:
    """Opens browsers of people. Whatever a page complains of fails the test."""

    browser: Browser
    stack: Stack
    size: tuple[int, int]
    face: str
    trouble: list[str] = field(default_factory=list)

    def open(self, person: Person | None, path: str, *, scripts: bool = True) -> Page:
        width, height = self.size
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, locale="pt-BR", java_script_enabled=scripts
        )
        if person:
            signed = context.request.post(f"{self.stack.url}/entrar/token", form={"token": person.token()})
            assert signed.ok, signed.text()
        page = context.new_page()
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", lambda line: self.trouble.append(line.text) if "Content Security" in line.text else None)
        page.goto(f"{self.stack.url}{path}")
        return page

    def look(self, page: Page, name: str) -> None:
        """Nothing is too wide, nothing shuts anybody out; a picture is kept for people to look at."""
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), name
        assert violations(page) == [], name
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{self.face}-{name}-{self.size[0]}.png", full_page=True)
