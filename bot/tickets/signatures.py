"""How the content of each kind of file begins: the extension alone is only what the sender says.

Sources: the format specifications; brands of ISO base media files as registered at the MP4 Registration Authority.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Signature = Callable[[bytes], bool]

_HEAD = 512  # bytes that the patterns look at
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_MOVIES = ("isom", "iso[2-9]", "mp4[12]", "avc1", "M4[VAB][ HP]", "MSNV", "mmp4", "dash", "f4v ", "3g[p2].", "qt  ")
_HEIFS = ("hei[cxms]", "hev[cxms]", "mif1", "msf1")
# kbit/s by the four bits of a frame header, layer III, of MPEG 1 and of MPEG 2 and 2.5; 0 and 15 are no sound we know.
_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_RATES = {3: (44_100, 48_000, 32_000, 0), 2: (22_050, 24_000, 16_000, 0), 0: (11_025, 12_000, 8_000, 0)}


def begins(pattern: bytes) -> Signature:
    """Content whose first bytes match `pattern`."""
    compiled = re.compile(pattern, re.DOTALL)
    return lambda content: compiled.match(content[:_HEAD]) is not None


def branded(*brands: str) -> Signature:
    """An ISO base media file (MP4 and its family) of one of `brands`, be it the main or a compatible one."""
    return begins(rb"....ftyp(?:....){0,15}?(?:%b)" % "|".join(brands).encode())


def compound(stream: str) -> Signature:
    """An OLE file, as Office wrote before 2007, that holds `stream`."""
    name = stream.encode("utf-16-le")
    return lambda content: content.startswith(_OLE) and name in content


def is_mp3(content: bytes) -> bool:
    """An ID3 tag, or two sound frames one behind the other."""
    if content.startswith(b"ID3"):
        return True
    length = _frame_length(content[:4])
    return length > 0 and _frame_length(content[length : length + 4]) > 0


def _frame_length(header: bytes) -> int:
    """Bytes of an MPEG audio frame of layer III, 0 for what is no such header."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, padding = header[1] >> 3 & 3, header[2] >> 1 & 1
    rate = _RATES[version][header[2] >> 2 & 3] if version in _RATES else 0
    bitrate = (_BITRATES_1 if version == 3 else _BITRATES_2)[header[2] >> 4]
    return (144 if version == 3 else 72) * bitrate * 1_000 // rate + padding if rate and bitrate else 0


zipped = begins(rb"PK\x03\x04|PK\x05\x06")
locked_office = compound("EncryptedPackage")
movie = branded(*_MOVIES)
heif = branded(*_HEIFS)
quicktime = begins(rb"....(?:moov|mdat|wide|free|skip)")
