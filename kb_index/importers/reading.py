"""Files of other systems as text, whatever their encoding."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s*=\s*["']?\s*(iso-8859-\d{1,2}|windows-\d{3,4}|utf-16(?:[lb]e)?|macintosh)\b""",
    re.IGNORECASE,
)
# No text means these; YAML and XML refuse them. Tab and line ends stay.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF])


def decode(data: bytes) -> str:
    """By its mark, as UTF-8, by the encoding that it declares, or as Windows-1252, which fits any bytes."""
    marked = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    for encoding in filter(None, (marked, "utf-8", _declared(data))):
        try:
            return without_controls(data.decode(encoding))
        except (UnicodeError, LookupError, ValueError):
            continue
    return without_controls(data.decode("windows-1252", "replace"))


def without_controls(text: str) -> str:
    return text.translate(_CONTROLS)


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:2048])
    return found[1].decode("ascii", "replace") if found else None
