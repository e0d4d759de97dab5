"""Which files are kept, under which name, and as what they are served."""

import pytest

from bot.errors import InvalidRequest, TooLarge, UnsupportedFile
from bot.tickets.files import EXTENSIONS, check_file, safe_name
from tests.bot.tickets.samples import HTML, PNG, PROGRAM, SAMPLES, SVG, office

LIMIT = 1_000_000


def check(name, content):
    return check_file(name, content, LIMIT)


def test_there_is_a_sample_of_every_type_that_is_allowed():
    assert set(SAMPLES) == set(EXTENSIONS)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_file_of_each_allowed_type_is_taken(extension):
    name, mime = check(f"arquivo.{extension}", SAMPLES[extension])
    assert name == f"arquivo.{extension}"
    assert "html" not in mime and "svg" not in mime and "script" not in mime


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_the_case_of_an_extension_does_not_matter(extension):
    assert (
        check(f"ARQUIVO.{extension.upper()}", SAMPLES[extension])[1] == check(f"a.{extension}", SAMPLES[extension])[1]
    )


@pytest.mark.parametrize(
    ("name", "part"),
    [("a.docx", "word/document.xml"), ("a.xlsx", "xl/workbook.xml"), ("a.pptx", "ppt/presentation.xml")],
)
def test_a_document_of_the_usual_size_is_taken(name, part):
    assert "openxmlformats" in check(name, office(part, padding=200_000))[1]


@pytest.mark.parametrize(
    "content", [HTML, SVG, PROGRAM, b"%PDF-1.7", b"so texto"], ids=["html", "svg", "exe", "pdf", "txt"]
)
def test_what_is_no_picture_is_refused_under_the_name_of_one(content):
    with pytest.raises(UnsupportedFile, match=r"foto\.png.*extensão que corresponde ao conteúdo"):
        check("foto.png", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [("p.html", HTML), ("p.htm", HTML), ("p.svg", SVG), ("p.js", b"alert(1)"), ("p.exe", PROGRAM), ("p.zip", office("a")),
     ("p.xhtml", HTML), ("p.xml", SVG), ("semextensao", PNG), (".png", PNG), ("foto.png.html", HTML), ("", PNG)],
)  # fmt: skip
def test_a_type_that_is_not_on_the_list_is_refused(name, content):
    with pytest.raises(UnsupportedFile):
        check(name, content)


def test_a_page_under_a_text_name_is_served_as_text():
    assert check("pagina.txt", HTML) == ("pagina.txt", "text/plain; charset=utf-8")


@pytest.mark.parametrize("content", [b"a\x00b", "olá".encode("utf-16"), PROGRAM, b"\xff\xfe\x01\x02"])
def test_bytes_that_are_no_text_are_refused_under_a_text_name(content):
    with pytest.raises(UnsupportedFile):
        check("registro.txt", content)


def test_an_empty_file_is_refused_by_its_name():
    with pytest.raises(InvalidRequest, match=r"print\.png está vazio"):
        check("print.png", b"")


def test_a_file_of_just_the_limit_is_taken():
    assert check("a.png", PNG + bytes(LIMIT - len(PNG)))


def test_a_file_of_one_byte_more_is_refused_with_the_limit():
    with pytest.raises(TooLarge, match="limite de 1 MB"):
        check("a.png", PNG + bytes(LIMIT - len(PNG) + 1))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("print.png", "print.png"),
        ("../../x.png", "x.png"),
        ("C:\\Users\\ana\\print.png", "print.png"),
        ("/etc/passwd", "passwd"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("a\x00b\nc.png", "abc.png"),
        ("\u200brelatório\u200f.pdf", "relatório.pdf"),
        ("  dois   espaços .png", "dois espaços .png"),
        ("Relato\u0301rio.pdf", "Relatório.pdf"),
        ("..", "arquivo"),
        ("", "arquivo"),
        ("👍.png", "👍.png"),
    ],
)
def test_a_name_is_kept_without_what_misleads(given, kept):
    assert safe_name(given) == kept


def test_a_long_name_is_cut_and_keeps_its_extension():
    name = safe_name("a" * 500 + ".png")
    assert len(name) <= 120 and name.endswith("a.png")
    assert len(safe_name("a" * 500)) == 120
    assert len(safe_name("a." + "b" * 500)) <= 120


def test_a_name_turned_around_is_checked_by_its_real_extension():
    with pytest.raises(UnsupportedFile):
        check("foto\u202egnp.exe", PNG)
