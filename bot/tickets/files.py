"""Which files may be kept: an allow-list by extension and by content, both of which must agree; and how many."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.errors import InvalidRequest, RequestRefused, TooLarge, UnsupportedFile
from bot.tickets.archives import OFFICE, check_office, check_zip
from bot.tickets.openings import OPENING, Opening, any_text, is_data_xml, is_har, is_ofx
from bot.tickets.pictures import check_picture
from bot.tickets.signatures import (
    Signature,
    begins,
    compound,
    heif,
    is_mp3,
    locked_office,
    movie,
    quicktime,
    zipped,
)

_OOXML = "application/vnd.openxmlformats-officedocument"
_JPEG = ("image/jpeg", begins(rb"\xff\xd8\xff"))
_OGG = ("audio/ogg", begins(rb"OggS"))
_HEIC = ("image/heic", heif)
_MATROSKA = rb"\x1aE\xdf\xa3.{0,60}?(?:webm|matroska)"
# Extension → (type it is served with, what its content begins with).
_BINARY: dict[str, tuple[str, Signature]] = {
    "png": ("image/png", begins(rb"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "jfif": _JPEG,
    "gif": ("image/gif", begins(rb"GIF8[79]a")),
    "webp": ("image/webp", begins(rb"RIFF....WEBPVP8")),
    "heic": _HEIC,
    "heif": _HEIC,
    "bmp": ("image/bmp", begins(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0")),
    "pdf": ("application/pdf", begins(rb"(?:\xef\xbb\xbf)?\s{0,16}%PDF-")),
    "docx": (f"{_OOXML}.wordprocessingml.document", zipped),
    "xlsx": (f"{_OOXML}.spreadsheetml.sheet", zipped),
    "pptx": (f"{_OOXML}.presentationml.presentation", zipped),
    "doc": ("application/msword", compound("WordDocument")),
    "xls": ("application/vnd.ms-excel", lambda content: compound("Workbook")(content) or compound("Book")(content)),
    "ppt": ("application/vnd.ms-powerpoint", compound("PowerPoint Document")),
    "msg": ("application/vnd.ms-outlook", compound("__properties_version1.0")),
    "zip": ("application/zip", zipped),
    "mp4": ("video/mp4", movie),
    "m4v": ("video/mp4", movie),
    "mov": ("video/quicktime", lambda content: movie(content) or quicktime(content)),
    "3gp": ("video/3gpp", movie),
    "m4a": ("audio/mp4", movie),
    "webm": ("video/webm", begins(_MATROSKA)),
    "mkv": ("video/x-matroska", begins(_MATROSKA)),
    "mp3": ("audio/mpeg", is_mp3),
    "ogg": _OGG,
    "oga": _OGG,
    "opus": _OGG,
    "wav": ("audio/wav", begins(rb"RIFF....WAVE")),
    "amr": ("audio/amr", begins(rb"#!AMR")),
    "aac": ("audio/aac", begins(rb"\xff[\xf0\xf1\xf8\xf9]")),
}
_PLAIN = "text/plain"
# Extension → (type it is served with, what its text begins with). XML is served as text, which no browser renders.
_TEXT: dict[str, tuple[str, Opening]] = {
    **dict.fromkeys(("txt", "log", "out", "err", "md", "ini", "cfg", "conf", "yml", "yaml", "sql"), (_PLAIN, any_text)),
    # What banks and companies exchange in Brazil: payments sent, payments returned.
    **dict.fromkeys(("rem", "ret"), (_PLAIN, any_text)),
    "csv": ("text/csv", any_text),
    "tsv": ("text/tab-separated-values", any_text),
    "json": ("application/json", any_text),
    "har": ("application/json", is_har),
    "xml": (_PLAIN, is_data_xml),
    "ofx": (_PLAIN, is_ofx),
    "eml": ("message/rfc822", any_text),
}
_NAMES_NO_CHARSET = ("application/json", "message/rfc822")
EXTENSIONS = (*_BINARY, *_TEXT)

# What to do instead, where there is something better to say than the list.
_INSTEAD = {
    "xml": "Se é uma página, salve-a como PDF; se é um desenho, como PNG; se são dados, confira se o arquivo está inteiro.",
    "har": "Na aba Rede do navegador, exporte o HAR de novo.",
    **dict.fromkeys(("svg", "tif", "tiff", "psd", "avif"), "Salve a imagem como PNG ou JPG e envie de novo."),
    **dict.fromkeys(("html", "htm", "xhtml", "mht"), "Salve a página como PDF ou envie um print dela."),
    **dict.fromkeys(("avi", "wmv", "flv", "mpg", "mpeg"), "Salve o vídeo como MP4 e envie de novo."),
    **dict.fromkeys(("flac", "wma", "aiff", "caf"), "Salve o áudio como MP3 e envie de novo."),
    **dict.fromkeys(("rar", "7z", "gz", "tgz", "tar"), "Compacte os arquivos como .zip e envie de novo."),
    **dict.fromkeys(("docm", "xlsm", "xlsb", "pptm"), "Salve o documento sem macros (.docx, .xlsx ou .pptx) e envie."),
    **dict.fromkeys(("odt", "ods", "odp", "rtf", "pages", "numbers"), "Salve o documento como PDF e envie de novo."),
    **dict.fromkeys(("exe", "msi", "bat", "cmd", "scr", "js", "vbs", "ps1", "jar", "apk"), "Programas não são aceitos; "
        "envie um print ou o texto do erro."),
}  # fmt: skip
# A browser that guesses reads a page out of these, whatever stands before them.
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|script)[\s>]", re.IGNORECASE)

# C0 without tab, ends of lines and pages, and the escape that colours terminals.
_CONTROLS = bytes(sorted({*range(32)} - {9, 10, 11, 12, 13, 27}))
_MOST_CONTROLS = 100  # one in so many bytes, as a crash or a protocol leaves them in a log; binaries have one in ten
# What a log is called once the next one has begun: app.log.1, app.log.2026-03-03.
_ROTATED = re.compile(r"\.(log|out|err|txt)\.[\d.-]{1,20}$", re.IGNORECASE)


@dataclass(frozen=True)
class FileLimits:
    """How many files, and of how many bytes together, one ticket may have."""

    most: int
    max_bytes: int

    def check(self, count: int, total: int) -> None:
        """Raises InvalidRequest when so many files of that size together are too many."""
        if count > self.most:
            raise InvalidRequest(f"Cada chamado aceita até {self.most} anexos. Junte os demais num .zip.")
        if total > self.max_bytes:
            raise InvalidRequest(
                f"Os anexos de um chamado somam até {self.max_bytes // 1_000_000} MB. Envie arquivos menores."
            )


def check_file(name: str, content: bytes, max_bytes: int) -> tuple[str, str]:
    """The name to keep the file under and the type to serve it with. Takes up to a second: run it in a thread.

    Raises TooLarge, UnsupportedFile or InvalidRequest with a sentence for the sender.
    """
    name = safe_name(name)
    if not content:
        raise InvalidRequest(f"O arquivo {name} está vazio. Confira e envie de novo.")
    if len(content) > max_bytes:
        raise TooLarge(f"O arquivo {name} passa do limite de {max_bytes // 1_000_000} MB. Reduza-o ou envie em partes.")
    extension = _extension(name)
    mime = _text_type(extension, content) if extension in _TEXT else _binary_type(extension, content)
    if mime is None:
        raise _refusal(name, extension, content)
    _look_inside(name, extension, mime, content)
    return name, mime


def safe_name(name: str) -> str:
    """The last part of the name without control or direction characters, at most 120 characters long."""
    name = re.split(r"[\\/]", name)[-1]
    name = "".join(char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char)[0] != "C")
    name = re.sub(r"\s+", " ", name).strip(" .") or "arquivo"
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:107]}.{extension[:12]}" if dot and stem else name[:120]


def _extension(name: str) -> str:
    rotated = _ROTATED.search(name)
    return (rotated[1] if rotated else PurePosixPath(name).suffix.lstrip(".")).lower()


def _binary_type(extension: str, content: bytes) -> str | None:
    mime, matches = _BINARY.get(extension, ("", None))
    if matches is None or not matches(content) or (mime.startswith("image/") and _PAGE.search(content[:65_536])):
        return None
    return mime


def _text_type(extension: str, content: bytes) -> str | None:
    """Text is what decodes and holds hardly any control bytes; a page or a drawing under a text name is still served as text."""
    mime, matches = _TEXT[extension]
    charset = _charset(content)
    if charset is None or not matches(content[:OPENING].decode(charset, "replace").removeprefix("\ufeff")):
        return None
    return mime if charset == "utf-8" and mime in _NAMES_NO_CHARSET else f"{mime}; charset={charset}"


def _charset(content: bytes) -> str | None:
    """UTF-16 where it says so, as spreadsheets save text; UTF-8 where it is; else what Windows wrote in the West."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decodes(content, "utf-16") else None
    if not _is_text(content):
        return None
    return "utf-8" if _is_mostly_utf8(content) else "windows-1252"


def _is_text(content: bytes) -> bool:
    """A run of zeros counts as one or two: a machine that loses its power leaves thousands in a log."""
    for run in (4_096, 256, 16, 4, 2):
        content = content.replace(bytes(run), b"\0")
    return (len(content) - len(content.translate(None, _CONTROLS))) * _MOST_CONTROLS <= len(content)


def _is_mostly_utf8(content: bytes) -> bool:
    """A log that was cut within a letter, or holds a few bytes of something else, is still read as what it is."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken == 0 or len(text) - len(text.encode("ascii", "ignore")) > 2 * broken


def _decodes(content: bytes, charset: str) -> bool:
    try:
        return "\0" not in content.decode(charset)
    except UnicodeDecodeError:
        return False


def _look_inside(name: str, extension: str, mime: str, content: bytes) -> None:
    if extension in OFFICE:
        check_office(name, extension, content)
    elif extension == "zip":
        check_zip(name, content)
    elif mime.startswith("image/"):
        check_picture(name, content)


def _refusal(name: str, extension: str, content: bytes) -> RequestRefused:
    if extension in OFFICE and locked_office(content):
        return UnsupportedFile(f"O arquivo {name} está protegido por senha. Envie-o sem senha.")
    if extension in _INSTEAD:
        kind = "" if extension in EXTENSIONS else f", do tipo .{extension}"
        return UnsupportedFile(f"Não aceito o arquivo {name}{kind}. {_INSTEAD[extension]}")
    accepted = "imagens, PDF, documentos do Office, texto, vídeo, áudio e .zip"
    return UnsupportedFile(
        f"Não aceito o arquivo {name}: envie {accepted}, com a extensão que corresponde ao conteúdo."
    )
