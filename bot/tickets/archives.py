"""What a zip holds, or an Office document, which is one too: looked at without unpacking more than a little.

Nothing is ever written to disk. What is read of an archive is its directory, the first bytes of each file, and those
Office documents inside that are small enough to be looked into themselves.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.errors import RequestRefused, TooLarge, UnsupportedFile
from bot.tickets.signatures import zipped

MAX_FILES = 2_000
MAX_UNPACKED = 400_000_000
# Logs shrink to a fiftieth, sheets of zeros to a hundredth; a bomb comes near the thousandth that deflate allows.
MAX_RATIO = 150
_ANY_RATIO_UP_TO = 20_000_000  # bytes unpacked
_LOOKED_INTO = 20_000_000  # bytes of a document inside
_MAX_DEPTH = 2  # a zip, a document in it, a sheet in that

OFFICE = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
    "pptx": b"presentationml.presentation.main+xml",
}
"""The type of the main part by extension (ECMA-376 part 1, 11 to 13). Documents with macros have another."""

_TYPES = "[Content_Types].xml"
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zX")
_PROGRAMS = (b"MZ", b"\x7fELF")
_PROGRAM_NAMES = {
    "exe",
    "scr",
    "com",
    "bat",
    "cmd",
    "msi",
    "ps1",
    "vbs",
    "js",
    "jse",
    "wsf",
    "hta",
    "lnk",
    "jar",
    "apk",
    "dll",
    "pif",
    "reg",
}
_ARCHIVE_NAMES = {"zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "iso", "cab", "arj", "lzh", "zst"}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError, IndexError)


def check_zip(name: str, content: bytes) -> None:
    """Raises TooLarge or UnsupportedFile, with a sentence, for what nobody should unpack."""
    _Inspection(name, len(content)).look_into(content)


def check_office(name: str, extension: str, content: bytes) -> None:
    """The same, and UnsupportedFile for a zip that is no document of this extension."""
    check_zip(name, content)
    with _opened(name, content) as archive:
        types = _head(archive, _TYPES, 1_000_000) if _TYPES in archive.namelist() else b""
    if OFFICE[extension] not in types:
        raise UnsupportedFile(
            f"O arquivo {name} não é um documento .{extension} de verdade. Abra-o no programa em que foi feito, "
            f"salve-o como .{extension} e envie de novo."
        )


@dataclass
class _Inspection:
    """One upload: how much was found in it so far, on all levels."""

    name: str
    packed: int
    files: int = 0
    unpacked: int = 0

    def look_into(self, content: bytes, depth: int = 0) -> None:
        # Counted before the directory is parsed, which takes seconds for a million entries.
        self._add(content.count(_DIRECTORY_ENTRY), 0)
        with _opened(self.name, content) as archive:
            entries = archive.infolist()
            if depth == 0 and not entries:
                raise UnsupportedFile(f"O arquivo {self.name} não tem nada dentro. Confira e envie de novo.")
            if sum(entry.compress_size for entry in entries) > len(content):
                raise _swollen(self.name)
            self._add(0, sum(entry.file_size for entry in entries))
            for entry in entries:
                self._look_at(archive, entry, depth)

    def _add(self, files: int, unpacked: int) -> None:
        self.files += files
        self.unpacked += unpacked
        if self.files > MAX_FILES or self.unpacked > MAX_UNPACKED:
            raise _too_large(self.name)
        if self.unpacked > max(_ANY_RATIO_UP_TO, MAX_RATIO * self.packed):
            raise _swollen(self.name)

    def _look_at(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, depth: int) -> None:
        if entry.flag_bits & 1:
            raise UnsupportedFile(f"O arquivo {self.name} está protegido por senha. Envie-o sem senha.")
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.compress_type not in _METHODS or ".." in path.parts or path.is_absolute():
            raise _unreadable(self.name)
        extension = path.suffix.lstrip(".").lower()
        first = _head(archive, entry, 4)
        if extension in _PROGRAM_NAMES or first.startswith(_PROGRAMS):
            raise UnsupportedFile(f"O arquivo {self.name} traz um programa dentro. Tire-o e envie só os documentos.")
        if extension in OFFICE and zipped(first) and depth < _MAX_DEPTH and entry.file_size <= _LOOKED_INTO:
            self.look_into(_head(archive, entry, entry.file_size), depth + 1)
        elif extension in _ARCHIVE_NAMES or first.startswith(_ARCHIVES):
            raise UnsupportedFile(
                f"O arquivo {self.name} traz outro arquivo compactado dentro. Descompacte o de dentro e envie de novo."
            )


@contextmanager
def _opened(name: str, content: bytes) -> Iterator[zipfile.ZipFile]:
    """A zip in memory; whatever turns out to be broken in it is one refusal."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except _BROKEN as error:
        raise _unreadable(name) from error


def _head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str, size: int) -> bytes:
    with archive.open(entry) as file:
        return file.read(size)


def _unreadable(name: str) -> RequestRefused:
    return UnsupportedFile(
        f"Não consegui ler o arquivo {name}: ele está danificado ou não é um .zip comum. Gere-o de novo e envie."
    )


def _too_large(name: str) -> RequestRefused:
    return TooLarge(
        f"O arquivo {name} fica grande demais quando aberto: aceito até {MAX_FILES} arquivos e "
        f"{MAX_UNPACKED // 1_000_000} MB dentro dele. Envie só a parte que mostra o problema."
    )


def _swollen(name: str) -> RequestRefused:
    return TooLarge(
        f"O arquivo {name} cresce mais de {MAX_RATIO} vezes ao ser aberto, o que não aceito por segurança. "
        "Envie só a parte que mostra o problema."
    )
