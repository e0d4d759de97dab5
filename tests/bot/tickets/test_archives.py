"""What may lie in a zip and in an Office document, and what nobody should have to unpack."""

import random
import struct
import time
import zipfile

import pytest

from bot.errors import RequestRefused, TooLarge, UnsupportedFile
from bot.tickets.archives import MAX_FILES, check_office, check_zip
from tests.bot.tickets.samples import PNG, PROGRAM, office, zipped

MB = 1_000_000
ZEROS = bytes(MB)


def bomb(**more):
    """Thirty megabytes of zeros in thirty kilobytes."""
    return {f"{n}.bin": ZEROS for n in range(30)} | more


def overlapping(times):
    """A directory that names the same bytes again and again: the way of bombs that need no nesting."""
    content = zipped({"a.txt": ZEROS})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    entries = b"".join(entry.replace(b"a.txt", b"%05d" % n) for n in range(times))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, times, times, len(entries), start, 0)
    return content[:start] + entries + tail


def patched(content, at, value):
    """`content` with two bytes of every local and directory header replaced; `at` counts from the local one's start."""
    changed = bytearray(content)
    for signature, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        place = content.index(signature) + at + shift
        changed[place : place + 2] = struct.pack("<H", value)
    return bytes(changed)


# What people send


def test_a_folder_of_logs_is_taken():
    check_zip("logs.zip", zipped({"servidor/": "", "servidor/app.log": "10:00 ERROR\n" * 90_000, "print.png": PNG}))


def test_logs_that_shrink_to_a_hundredth_are_taken():
    line = "2026-03-03 10:00:00,123 ERROR a conexão caiu e foi refeita\n"
    content = zipped({f"{n}.log": "".join(f"{k} {line}" for k in range(20_000)) for n in range(15)})
    check_zip("logs.zip", content)


def test_a_document_with_a_sheet_behind_its_chart_is_taken_in_a_zip_too():
    sheet = office("xlsx", padding=5_000)
    document = office("docx", {"word/embeddings/Planilha.xlsx": sheet})
    check_office("a.docx", "docx", document)
    check_zip("a.zip", zipped({"relatório.docx": document}))


# Bombs


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx"])
def test_a_document_that_swells_a_thousandfold_is_refused(extension):
    content = office(extension, bomb())
    assert len(content) < MB
    with pytest.raises(TooLarge, match=r"a\.\w+ cresce mais de 150 vezes ao ser aberto.*Envie só a parte"):
        check_office(f"a.{extension}", extension, content)


def test_a_zip_that_swells_a_thousandfold_is_refused():
    with pytest.raises(TooLarge, match="150 vezes"):
        check_zip("a.zip", zipped(bomb()))


def test_a_zip_that_holds_too_much_in_all_is_refused_whatever_it_shrank_by():
    noise = random.Random(7).randbytes(4 * MB)
    content = zipped({f"{n}.bin": noise if n == 0 else ZEROS * 10 for n in range(41)})
    assert 150 * len(content) > 410 * MB
    with pytest.raises(TooLarge, match="400 MB"):
        check_zip("a.zip", content)


def test_a_directory_that_names_the_same_bytes_many_times_is_refused():
    with pytest.raises(TooLarge):
        check_zip("a.zip", overlapping(19))


def test_a_zip_of_a_great_many_files_is_refused_before_its_directory_is_read():
    many = zipped({f"{n}.txt": "" for n in range(MAX_FILES + 1)})
    with pytest.raises(TooLarge, match="2000 arquivos"):
        check_zip("a.zip", many)
    start = time.perf_counter()
    with pytest.raises(TooLarge):
        check_zip("a.zip", b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\0") * 400_000)
    assert time.perf_counter() - start < 1


def test_a_document_inside_counts_towards_the_whole():
    inner = office("xlsx", {f"{n}.bin": ZEROS for n in range(12)})
    check_zip("a.zip", zipped({"a.xlsx": inner}))
    with pytest.raises(TooLarge):
        check_zip("a.zip", zipped({"a.xlsx": inner, "b.xlsx": inner}))


def test_a_bomb_inside_a_document_inside_a_zip_is_found():
    with pytest.raises(TooLarge):
        check_zip("a.zip", zipped({"a.docx": office("docx", {"word/embeddings/b.xlsx": office("xlsx", bomb())})}))


# Things inside


@pytest.mark.parametrize(
    "files",
    [{"a.zip": zipped({"b.txt": "b"})}, {"a.gz": b"\x1f\x8b"}, {"foto.png": zipped({"b.txt": "b"})}, {"a.rar": b"Rar!"}],
    ids=["zip", "gz", "disguised", "rar"],
)  # fmt: skip
def test_an_archive_inside_is_refused_with_what_to_do(files):
    for check in (
        lambda: check_zip("x.zip", zipped(files)),
        lambda: check_office("x.docx", "docx", office("docx", files)),
    ):
        with pytest.raises(UnsupportedFile, match="compactado dentro"):
            check()


def test_documents_inside_documents_without_end_are_refused():
    content = office("xlsx")
    for _ in range(3):
        content = office("docx", {"word/embeddings/a.docx": content, "word/embeddings/b.xlsx": content})
    with pytest.raises(UnsupportedFile, match="compactado dentro"):
        check_office("a.docx", "docx", content)


@pytest.mark.parametrize("name", ["fatura.pdf.exe", "abrir.BAT", "a.lnk", "a.js", "foto.png"])
def test_a_program_inside_is_refused(name):
    content = PROGRAM if name == "foto.png" else b"x"
    with pytest.raises(UnsupportedFile, match="traz um programa dentro"):
        check_zip("a.zip", zipped({"leia.txt": "oi", name: content}))


def test_a_zip_under_a_password_is_refused():
    with pytest.raises(UnsupportedFile, match="protegido por senha"):
        check_zip("a.zip", patched(zipped({"a.txt": "oi"}), at=6, value=1))


@pytest.mark.parametrize("name", ["../../etc/cron.d/a", "..\\..\\a.txt", "/etc/passwd", "C/../../a"])
def test_a_file_that_would_unpack_elsewhere_is_refused(name):
    with pytest.raises(UnsupportedFile, match="danificado ou não é um"):
        check_zip("a.zip", zipped({name: "oi"}))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_that_unpacks_without_a_bound_is_refused_unread(method):
    with pytest.raises(UnsupportedFile, match="danificado ou não é um"):
        check_zip("a.zip", zipped({"a.txt": ZEROS}, method))


def test_a_zip_of_nothing_is_refused():
    with pytest.raises(UnsupportedFile, match="não tem nada dentro"):
        check_zip("a.zip", zipped({}))


# Office


@pytest.mark.parametrize(
    ("extension", "content"),
    [("docx", zipped({"a.txt": "oi"})), ("docx", office("xlsx")), ("xlsx", office("docx")),
     ("docx", zipped({"[Content_Types].xml": "<Types/>"})),
     ("docx", zipped({"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}))],
    ids=["zip", "sheet", "document", "no main part", "macros"],
)  # fmt: skip
def test_a_zip_that_is_no_such_document_is_refused_with_what_to_do(extension, content):
    with pytest.raises(UnsupportedFile, match=rf"não é um documento \.{extension} de verdade. Abra-o"):
        check_office(f"a.{extension}", extension, content)


# Broken ones


def test_a_zip_that_was_cut_off_is_refused():
    with pytest.raises(UnsupportedFile, match="danificado"):
        check_zip("a.zip", zipped({"a.txt": "oi" * 100})[:-30])


def test_whatever_is_wrong_with_a_zip_is_a_refusal_and_nothing_else():
    sound, chance = office("docx", {"word/embeddings/a.xlsx": office("xlsx")}), random.Random(11)
    refused = 0
    for _ in range(1_500):
        content = bytearray(sound)
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.choice([0, 1, 255, chance.randrange(256)])
        try:
            check_office("a.docx", "docx", bytes(content))
        except RequestRefused as error:
            refused += 1
            assert str(error).endswith(".")
    assert refused > 300


def test_no_more_than_a_little_is_unpacked(monkeypatch):
    """The budget holds whatever the directory claims."""
    read = []
    original = zipfile.ZipExtFile.read

    def counted(self, n=-1):
        data = original(self, n)
        read.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    check_zip("a.zip", zipped({f"{n}.log": ZEROS for n in range(19)}))
    assert sum(read) == 19 * 4
