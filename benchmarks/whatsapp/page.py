"""results.md: one section a measurement, each replaced by itself."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import provenance

RESULTS = Path(__file__).with_name("results.md")
_TITLE = "# WhatsApp, medido\n"


def section(title: str, *paragraphs: str) -> str:
    """A section under its title, with date and commit."""
    return "\n\n".join([f"## {title}", provenance(), *(paragraph for paragraph in paragraphs if paragraph)]) + "\n"


def keep(new: str, page: str) -> str:
    """The page with a section put in, or in the place of the one with the same title."""
    title = new.partition("\n")[0]
    sections = [part for part in re.split(r"(?m)^(?=## )", page) if part.startswith("## ")]
    titles = [part.partition("\n")[0] for part in sections]
    place = titles.index(title) if title in titles else len(sections)
    sections[place : place + 1] = [new]
    return "\n".join([_TITLE, *(part.rstrip() + "\n" for part in sections)])
