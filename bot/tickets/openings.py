"""How the text of each kind of file begins, for kinds that more than their name tells.

Nothing is parsed: what was cut off or is broken may be the very thing reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Opening = Callable[[str], bool]

OPENING = 65_536  # bytes that are looked at
# XML 1.0, production 22. Atomic: whatever is before the first element is read in one way only.
_PROLOG = r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*+"
_ROOT = re.compile(_PROLOG + r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]", re.DOTALL)
_SHOWN = ("html", "svg")
# HAR 1.2: an object with one member, `log`.
_HAR = re.compile(r'\s*\{\s*"log"\s*:\s*\{')
# OFX 1 has headers of its own, OFX 2 is XML; both have one root.
_OFX = re.compile(r"\s*(?:OFXHEADER\s*:|(?:<\?[^>]{0,300}\?>\s*){0,5}<OFX>)", re.IGNORECASE)


def any_text(text: str) -> bool:
    return True


def is_data_xml(text: str) -> bool:
    """XML whose root is neither a page nor a drawing."""
    root = _ROOT.match(text)
    return root is not None and root[1].lower() not in _SHOWN


def is_har(text: str) -> bool:
    """What browsers export of their network traffic."""
    return _HAR.match(text) is not None


def is_ofx(text: str) -> bool:
    """A bank statement."""
    return _OFX.match(text) is not None
