"""Which files may be kept: an allow-list by extension and by content, both of which must agree."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

import puremagic

from bot.errors import InvalidRequest, TooLarge, UnsupportedFile

# Extension → (type it is served with, extensions under which its content may be recognised).
_BINARY = {
    "png": ("image/png", {"png"}),
    "jpg": ("image/jpeg", {"jpg", "jpeg", "jfif"}),
    "jpeg": ("image/jpeg", {"jpg", "jpeg", "jfif"}),
    "gif": ("image/gif", {"gif"}),
    "webp": ("image/webp", {"webp"}),
    "heic": ("image/heic", {"heic", "heif"}),
    "bmp": ("image/bmp", {"bmp"}),
    "pdf": ("application/pdf", {"pdf"}),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", {"docx"}),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {"xlsx"}),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", {"pptx"}),
    "doc": ("application/msword", {"doc"}),
    "xls": ("application/vnd.ms-excel", {"doc", "xls"}),
    "msg": ("application/vnd.ms-outlook", {"doc", "msg"}),
    "mp4": ("video/mp4", {"mp4", "m4v", "mov", "3gp"}),
    "mov": ("video/quicktime", {"mov", "mp4", "qtvr"}),
    "webm": ("video/webm", {"webm", "mkv"}),
    "3gp": ("video/3gpp", {"3gp", "mp4", "mov"}),
    "mp3": ("audio/mpeg", {"mp3"}),
    "m4a": ("audio/mp4", {"m4a", "f4a", "mp4"}),
    "ogg": ("audio/ogg", {"ogg", "oga", "opus", "ogx"}),
    "oga": ("audio/ogg", {"ogg", "oga", "opus", "ogx"}),
    "opus": ("audio/ogg", {"ogg", "oga", "opus", "ogx"}),
    "wav": ("audio/wav", {"wav"}),
    "amr": ("audio/amr", {"amr"}),
    "aac": ("audio/aac", {"aac"}),
}
_TEXT = {
    "txt": "text/plain; charset=utf-8",
    "log": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "eml": "message/rfc822",
}
EXTENSIONS = (*_BINARY, *_TEXT)


def check_file(name: str, content: bytes, max_bytes: int) -> tuple[str, str]:
    """The name to keep the file under and the type to serve it with.

    Raises TooLarge, UnsupportedFile or InvalidRequest with a sentence for the sender.
    """
    name = safe_name(name)
    if not content:
        raise InvalidRequest(f"O arquivo {name} está vazio. Confira e envie de novo.")
    if len(content) > max_bytes:
        raise TooLarge(f"O arquivo {name} passa do limite de {max_bytes // 1_000_000} MB. Reduza-o ou envie em partes.")
    extension = PurePosixPath(name).suffix.lstrip(".").lower()
    mime = _text_type(extension, content) if extension in _TEXT else _binary_type(extension, content)
    if mime is None:
        accepted = "imagens, PDF, documentos do Office, texto, vídeo e áudio"
        raise UnsupportedFile(
            f"Não aceito o arquivo {name}: envie {accepted}, com a extensão que corresponde ao conteúdo."
        )
    return name, mime


def safe_name(name: str) -> str:
    """The last part of the name without control or direction characters, at most 120 characters long."""
    name = re.split(r"[\\/]", name)[-1]
    name = "".join(char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char)[0] != "C")
    name = re.sub(r"\s+", " ", name).strip(" .") or "arquivo"
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:110]}.{extension[:9]}" if dot and stem else name[:120]


def _binary_type(extension: str, content: bytes) -> str | None:
    if extension not in _BINARY:
        return None
    mime, accepted = _BINARY[extension]
    try:
        matches = puremagic.magic_string(content[:65_536])
    except (puremagic.PureError, ValueError):
        return None
    found = {match.extension.lstrip(".").lower() for match in matches}
    return mime if found & accepted else None


def _text_type(extension: str, content: bytes) -> str | None:
    """Text is what decodes and holds no control bytes; a page or a drawing under a text name is still served as text."""
    if b"\0" in content:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if any(byte < 9 for byte in content):
            return None
    return _TEXT[extension]
