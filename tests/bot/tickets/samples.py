"""The smallest real content of each kind, made here: nothing of unknown origin."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib

from PIL import Image

from bot.tickets.archives import OFFICE

_MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_SCHEMAS = "http://schemas.openxmlformats.org/package/2006"
_SECTOR = 512


def picture(format: str, size: tuple[int, int] = (8, 6), mode: str = "RGB", **how: object) -> bytes:
    """An image as Pillow saves it; `how` goes to its writer."""
    content = io.BytesIO()
    Image.new(mode, size, "red").save(content, format, **how)
    return content.getvalue()


def huge_png(width: int = 20_000, height: int = 20_000) -> bytes:
    """A few bytes that decode to a great many points, each of the same colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 10_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def office(extension: str, more: dict[str, bytes | str] | None = None, padding: int = 0) -> bytes:
    """An Office document; `padding` bytes make it as large as real ones are."""
    part = _MAIN_PARTS[extension]
    main = f"application/vnd.openxmlformats-officedocument.{OFFICE[extension].decode()}"
    types = f'<Types xmlns="{_SCHEMAS}/content-types"><Override PartName="/{part}" ContentType="{main}"/></Types>'
    files = {
        "[Content_Types].xml": types,
        "_rels/.rels": f'<Relationships xmlns="{_SCHEMAS}/relationships"/>',
        part: "<document/>",
        "media/picture.bin": os.urandom(padding),
    }
    return zipped(files | (more or {}))


def compound(*streams: str) -> bytes:
    """An OLE file (MS-CFB, version 3) with empty streams: header, one sector of FAT, one of directory."""
    end, none = 0xFFFFFFFE, 0xFFFFFFFF
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[none] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, end, *[none] * 126)
    kinds = [("Root Entry", 5, 1), *((name, 2, none) for name in streams)]
    return head + fat + b"".join(_directory_entry(*kind) for kind in kinds).ljust(_SECTOR, b"\0")


def _directory_entry(name: str, kind: int, child: int) -> bytes:
    encoded, none = name.encode("utf-16-le"), 0xFFFFFFFF
    links = struct.pack("<HBBIII", len(encoded) + 2, kind, 1, none, none, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)


def movie(brand: str, *compatible: str) -> bytes:
    """An ISO base media file: what it is (`ftyp`), then an empty `moov` and `mdat`."""
    brands = brand.encode() + bytes(4) + "".join(compatible).encode()
    boxes = ((b"ftyp", brands), (b"moov", b""), (b"mdat", b""))
    return b"".join(struct.pack(">I", 8 + len(data)) + kind + data for kind, data in boxes)


def voice() -> bytes:
    """The first page of an Ogg stream of Opus, as phones record voice notes (RFC 7845)."""
    packet = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 16_000, 0, 0)
    page = b"OggS" + struct.pack("<BBqIIIB", 0, 2, 0, 7, 0, 0, 1) + bytes([len(packet)]) + packet
    return page[:22] + struct.pack("<I", _ogg_crc(page)) + page[26:]


def _ogg_crc(page: bytes) -> int:
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


def sound(header: str, length: int, frames: int = 3) -> bytes:
    """Silent MPEG audio frames of `length` bytes under the same four bytes of header."""
    return bytes.fromhex(header).ljust(length, b"\0") * frames


PNG = picture("PNG")
_JPEG = picture("JPEG")
_OGG = voice()
_EBML = bytes.fromhex("1A45DFA3 9F 4286 8101 42F7 8101 42F2 8104 42F3 8108 4282 84") + b"webm" + bytes(60)
# MPEG 1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes a frame.
_MP3 = sound("FFFB9000", 417)

SAMPLES = {
    "png": PNG,
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "jfif": _JPEG,
    "gif": picture("GIF"),
    "webp": picture("WEBP"),
    "heic": movie("heic", "mif1", "heic"),
    "heif": movie("mif1", "mif1", "heic"),
    "bmp": picture("BMP"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n",
    "docx": office("docx"),
    "xlsx": office("xlsx"),
    "pptx": office("pptx"),
    "doc": compound("WordDocument"),
    "xls": compound("Workbook"),
    "ppt": compound("PowerPoint Document"),
    "msg": compound("__properties_version1.0"),
    "zip": zipped({"servidor/app.log": "2026-03-03 10:00 ERROR\n" * 50}),
    "mp4": movie("isom", "iso2", "avc1", "mp41"),
    "m4v": movie("M4V ", "M4V ", "mp42", "isom"),
    "mov": movie("qt  "),
    "webm": _EBML,
    "mkv": _EBML.replace(b"webm", b"matroska"),
    "3gp": movie("3gp5", "3gp5", "isom"),
    "mp3": _MP3,
    "m4a": movie("M4A ", "M4A ", "mp42"),
    "ogg": _OGG,
    "oga": _OGG,
    "opus": _OGG,
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + bytes(4),
    "amr": b"#!AMR\n" + b"\x3c" * 60,
    "aac": b"\xff\xf1\x50\x80" + bytes(80),
    "txt": "olá".encode(),
    "log": b"2026-03-03 10:00 ERROR",
    "csv": "número;situação\n1;aberto".encode("latin-1"),
    "json": b'{"ok": true}',
    "eml": b"From: ana@aurora.example\n\nBom dia",
    "out": b"Iniciando\n",
    "err": b"Falha\n",
    "md": "# Título".encode(),
    "ini": b"[servidor]\nporta=80\n",
    "cfg": b"porta = 80\n",
    "conf": b"listen 80;\n",
    "yml": b"porta: 80\n",
    "yaml": b"porta: 80\n",
    "sql": b"select 1;\n",
    "rem": b"01REMESSA01COBRANCA       \r\n",
    "ret": b"02RETORNO01COBRANCA       \r\n",
    "tsv": "número\tsituação\n".encode(),
    "har": b'{"log": {"version": "1.2", "creator": {"name": "WebInspector"}, "entries": []}}',
    "xml": b'<?xml version="1.0" encoding="UTF-8"?>\n<nfeProc versao="4.00"><NFe/></nfeProc>',
    "ofx": b"OFXHEADER:100\r\nDATA:OFXSGML\r\nCHARSET:1252\r\n\r\n<OFX><SIGNONMSGSRSV1>",
}
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PROGRAM = b"MZ\x90\x00" + bytes(200)
GIF_PAGE = b"GIF89a/*<html><script>*/=1;alert(1)//</script></html>"
"""A picture to who looks at its first bytes, a page to who does not."""
