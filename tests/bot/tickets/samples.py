"""The smallest content of each kind that its first bytes show to be what it is."""

from __future__ import annotations

import io
import os
import zipfile


def office(part: str, padding: int = 0) -> bytes:
    """A document whose main part is `part`; `padding` bytes make it as large as real ones are."""
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr(part, "<document/>")
        archive.writestr("media/picture.bin", os.urandom(padding))
    return content.getvalue()


def movie(brand: bytes) -> bytes:
    """An MP4-like container of a brand."""
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x02\x00" + brand + b"mp41" + bytes(64)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
_OLE = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)
_OGG = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead" + bytes(40)
_EBML = bytes.fromhex("1A45DFA3 9F 4286 8101 42F7 8101 42F2 8104 42F3 8108 4282 84") + b"webm" + bytes(60)

SAMPLES = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(60) + b"\xff\xd9",
    "jpeg": b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(60) + b"\xff\xd9",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40),
    "heic": movie(b"heic"),
    "bmp": b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00" + bytes(60),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n",
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "doc": _OLE,
    "xls": _OLE,
    "msg": _OLE,
    "mp4": movie(b"isom"),
    "mov": movie(b"qt  "),
    "webm": _EBML,
    "3gp": movie(b"3gp5"),
    "mp3": b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 40,
    "m4a": movie(b"M4A "),
    "ogg": _OGG,
    "oga": _OGG,
    "opus": _OGG,
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60),
    "amr": b"#!AMR\n" + b"\x3c" * 60,
    "aac": b"\xff\xf1\x50\x80" + bytes(80),
    "txt": "olá".encode(),
    "log": b"2026-03-03 10:00 ERROR",
    "csv": "número;situação\n1;aberto".encode("latin-1"),
    "json": b'{"ok": true}',
    "eml": b"From: ana@aurora.example\n\nBom dia",
}
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PROGRAM = b"MZ\x90\x00" + bytes(200)
