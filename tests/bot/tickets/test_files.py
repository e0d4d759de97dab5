"""Which files are kept, under which name, and as what they are served."""

import contextlib
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.errors import InvalidRequest, TooLarge, UnsupportedFile
from bot.tickets.files import EXTENSIONS, check_file, safe_name
from tests.bot.tickets.samples import (
    GIF_PAGE,
    HTML,
    PNG,
    PROGRAM,
    SAMPLES,
    SVG,
    compound,
    huge_png,
    movie,
    office,
    picture,
    sound,
    zipped,
)

LIMIT = 1_000_000
REAL = sorted(path for path in (Path(__file__).parents[2] / "payloads" / "files").iterdir() if path.suffix != ".md")
XHTML = b'<?xml version="1.0"?>\n<!-- a --><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'


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


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx"])
def test_a_document_of_the_usual_size_is_taken(extension):
    assert "openxmlformats" in check(f"a.{extension}", office(extension, padding=200_000))[1]


@pytest.mark.parametrize("brand", ["heic", "heix", "hevc", "mif1", "msf1"])
def test_a_photo_of_a_phone_is_taken_under_each_of_its_brands(brand):
    assert check("IMG_0001.HEIC", movie(brand, "mif1", "heic"))[1] == "image/heic"


@pytest.mark.parametrize(
    "brand", ["isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "M4VH", "dash", "MSNV"]
)
def test_a_film_is_taken_under_each_of_its_brands(brand):
    assert check("tela.mp4", movie(brand))[1] == "video/mp4"


def test_a_film_of_a_brand_of_its_own_is_taken_for_what_it_is_compatible_with():
    assert check("tela.mp4", movie("XAVC", "XAVC", "mp42", "iso2"))[1] == "video/mp4"


def test_a_film_from_before_there_were_brands_is_taken():
    assert check("tela.mov", b"\0\0\0\x08wide\0\0\0\x08mdat")[1] == "video/quicktime"


@pytest.mark.parametrize(
    "content",
    [sound("FFFB9000", 417), sound("FFFB9200", 418), sound("FFFA9000", 417), sound("FFF39000", 261), sound("FFE39000", 522),
     b"ID3\x03\x00\x00\x00\x00\x00\x00" + sound("FFFB9000", 417)],
    ids=["MPEG 1", "padded", "with checksum", "MPEG 2", "MPEG 2.5", "tagged"],
)  # fmt: skip
def test_a_recording_is_taken_with_and_without_a_tag(content):
    assert check("audio.mp3", content)[1] == "audio/mpeg"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfb", sound("FFFB9000", 417, frames=1), sound("FFFBF000", 417), sound("FFFB9C00", 417), sound("FFEB9000", 417), b"\xff" * 900],
    ids=["cut off", "one frame", "no bitrate", "no rate", "no version", "ones"],
)  # fmt: skip
def test_what_only_begins_like_a_recording_is_refused(content):
    with pytest.raises(UnsupportedFile):
        check("audio.mp3", content)


@pytest.mark.parametrize(
    ("extension", "format"), [("png", "PNG"), ("jpg", "JPEG"), ("gif", "GIF"), ("webp", "WEBP"), ("bmp", "BMP")]
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_of_each_kind_is_taken(extension, format, mode):
    assert check(f"a.{extension}", picture(format, mode=mode))[1].startswith("image/")


@pytest.mark.parametrize("stream", ["Workbook", "Book"])
def test_an_old_sheet_is_taken(stream):
    assert check("a.xls", compound(stream))[1] == "application/vnd.ms-excel"


@pytest.mark.parametrize(
    ("name", "stream"), [("a.doc", "Workbook"), ("a.xls", "WordDocument"), ("a.doc", "Installer"), ("a.msg", "Book")]
)
def test_an_old_document_is_told_by_what_it_holds(name, stream):
    with pytest.raises(UnsupportedFile):
        check(name, compound("SummaryInformation", stream))


def test_a_document_under_a_password_is_refused_with_what_to_do():
    with pytest.raises(UnsupportedFile, match=r"a\.xlsx está protegido por senha\. Envie-o sem senha\."):
        check("a.xlsx", compound("EncryptionInfo", "EncryptedPackage"))


@pytest.mark.parametrize(
    ("content", "charset"),
    [("olá\r\n", "utf-8"), ("\ufeffolá", "utf-8"), ("olá", "windows-1252"), ("número;situação", "utf-16")],
)
def test_text_is_served_in_the_letters_it_was_written_in(content, charset):
    assert check("a.csv", content.encode(charset))[1] == f"text/csv; charset={charset}"


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_text_as_a_spreadsheet_saves_it_is_taken(order):
    assert check("a.txt", "\ufeffNúmero\tSituação\r\n".encode(order))[1] == "text/plain; charset=utf-16"


@pytest.mark.parametrize(
    "content", [HTML, SVG, PROGRAM, b"%PDF-1.7", b"so texto"], ids=["html", "svg", "exe", "pdf", "txt"]
)
def test_what_is_no_picture_is_refused_under_the_name_of_one(content):
    with pytest.raises(UnsupportedFile, match=r"foto\.png.*extensão que corresponde ao conteúdo"):
        check("foto.png", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [("p.html", HTML), ("p.htm", HTML), ("p.svg", SVG), ("p.js", b"alert(1)"), ("p.exe", PROGRAM), ("p.zip", PROGRAM),
     ("p.xhtml", HTML), ("p.xml", SVG), ("p.xml", XHTML), ("p.xml", HTML), ("semextensao", PNG), (".png", PNG), ("foto.png.html", HTML), ("", PNG)],
)  # fmt: skip
def test_a_type_that_is_not_on_the_list_is_refused(name, content):
    with pytest.raises(UnsupportedFile):
        check(name, content)


def test_a_page_under_a_text_name_is_served_as_text():
    assert check("pagina.txt", HTML) == ("pagina.txt", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "content",
    [
        b"a\x00b",
        PROGRAM,
        PNG,
        b"\xe1\x01",
        bytes(range(256)) * 40,
        zipped({"a.txt": "a"}),
        b"\xff\xfea",
        b"\xff\xfea\x00\x00\x00",
        "a".encode("utf-32"),
    ],
)
def test_bytes_that_are_no_text_are_refused_under_a_text_name(content):
    with pytest.raises(UnsupportedFile):
        check("registro.txt", content)


def test_a_picture_that_is_a_page_too_is_refused():
    with pytest.raises(UnsupportedFile):
        check("a.gif", GIF_PAGE)


def test_a_picture_that_only_speaks_of_pages_is_taken():
    assert check("a.png", picture("PNG") + b"htmlish <scripted> <htmlx>")


def test_a_picture_of_gigabytes_is_refused_by_its_header():
    content = huge_png()
    assert len(content) < 2_000_000
    with pytest.raises(TooLarge, match=r"foto\.png tem dimensões grandes demais. Recorte"):
        check("foto.png", content)


def test_a_picture_that_is_broken_is_kept():
    assert check("foto.png", PNG[:40])


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("logo.svg", "PNG ou JPG"), ("pagina.html", "um print"), ("logs.rar", "como .zip"), ("a.xlsm", "sem macros"),
     ("a.ods", "como PDF"), ("fatura.pdf.exe", "Programas não são aceitos"), ("a.xyz", r"\.zip, com a extensão")],
)  # fmt: skip
def test_a_refusal_says_what_to_do_instead(name, remedy):
    with pytest.raises(UnsupportedFile, match=f"^Não aceito o arquivo {name}.*{remedy}.*\\.$"):
        check(name, b"x")


def test_a_zip_and_a_document_are_looked_into():
    inner = {"a.zip": zipped({"b": "b"})}
    for name, content in (("a.zip", zipped(inner)), ("a.docx", office("docx", inner))):
        with pytest.raises(UnsupportedFile, match="compactado dentro"):
            check(name, content)


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


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_what_real_programs_write_is_taken(path):
    assert check(path.name, path.read_bytes())[0] == path.name


def test_there_are_real_files_to_look_at():
    assert len(REAL) >= 15


@pytest.mark.parametrize(
    "content",
    ['<?xml version="1.0" encoding="UTF-8"?><NFe/>', "\ufeff<NFe xmlns='x'>", "\n <!-- <html> --> <soap:Envelope\n a='b'>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>",
     "<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><nota>", "<erro><html>", "<htmlx>", "<cortado "],
)  # fmt: skip
def test_xml_of_data_is_taken_whole_or_not_and_served_as_text(content):
    assert check("nota.xml", content.encode())[1] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("charset", "served"), [("latin-1", "windows-1252"), ("utf-16", "utf-16")])
def test_xml_in_other_letters_is_served_in_them(charset, served):
    assert check("nota.xml", "<nota>ação</nota>".encode(charset))[1] == f"text/plain; charset={served}"


@pytest.mark.parametrize(
    "content",
    [SVG, HTML, XHTML, b"<svg:svg xmlns:svg='x'>", b"<HTML>", b"<html>", b"<?a?><svg/>", b"<!DOCTYPE svg PUBLIC 'a' 'b'><svg>", b"so texto", b"{}", b"<", b"< a>", PNG],
    ids=str,
)  # fmt: skip
def test_a_page_a_drawing_and_what_is_no_xml_are_refused_under_its_name_with_what_to_do(content):
    with pytest.raises(UnsupportedFile, match=r"^Não aceito o arquivo a\.xml\. Se é uma página, salve-a como PDF"):
        check("a.xml", content)


@pytest.mark.parametrize("part", ["<?a?>", "<!---->", "<!DOCTYPE a [", "<!DOCTYPE a>", "<!-- ", " ", "<?"])
def test_xml_made_to_take_long_to_read_does_not(part):
    began = time.monotonic()
    with pytest.raises(UnsupportedFile):
        check("a.xml", (part * 200_000).encode()[:LIMIT])
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("content", ['{"log":{"version":"1.2"', '\ufeff{\n  "log": {\n "pages": []}}'])
def test_what_a_browser_recorded_is_taken(content):
    assert check("rede.har", content.encode())[1] == "application/json"


@pytest.mark.parametrize("content", [b'{"ok": 1}', b"[]", HTML, b"log", b'{"log": 1}'])
def test_what_no_browser_recorded_is_refused_under_its_name(content):
    with pytest.raises(UnsupportedFile, match=r"rede\.har\. Na aba Rede"):
        check("rede.har", content)


@pytest.mark.parametrize("content", ["OFXHEADER:100\r\nDATA:OFXSGML", '<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?>\n<OFX>', "\n<ofx>"])  # fmt: skip
def test_a_bank_statement_is_taken(content):
    assert (
        check("extrato.ofx", f"{content}<MEMO>transferência".encode("latin-1"))[1] == "text/plain; charset=windows-1252"
    )


@pytest.mark.parametrize("content", [HTML, b"saldo: 10", b"<?xml version='1.0'?><html><OFX>"])
def test_what_is_no_bank_statement_is_refused_under_its_name(content):
    with pytest.raises(UnsupportedFile):
        check("extrato.ofx", content)


LINE = "2026-03-03 10:00:00 ERRO: não foi possível ler a configuração\r\n"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ((LINE * 20).encode() + bytes(5_000), "utf-8"), (bytes(700) + (LINE * 20).encode(), "utf-8"), ((LINE * 20).encode()[:-2] + b"\xc3", "utf-8"),
        (b"\xa3o\n" + (LINE * 20).encode(), "utf-8"), ((LINE * 20).encode() + b"\xff\xfe\x81", "utf-8"), (("\x1b[31m" + LINE + "\x1b[0m").encode(), "utf-8"),
        ((LINE * 20).encode("latin-1") + b"\0\0", "windows-1252"), ((LINE * 20).encode("latin-1") + b"\x81", "windows-1252"), ((LINE * 2).encode() + b"\x01", "utf-8"),
    ],
    ids=["zeros behind", "zeros before", "cut at the end", "cut at the start", "strange bytes", "colours", "zeros in Latin", "strange in Latin", "control"],
)  # fmt: skip
def test_a_log_with_odd_bytes_is_taken_and_read_in_the_letters_of_most_of_it(content, charset):
    assert check("servidor.log", content)[1] == f"text/plain; charset={charset}"


@pytest.mark.parametrize("name", ["app.log.1", "app.LOG.2026-03-03", "a.out.12", "servidor.log.2026-03-03.1"])
def test_a_log_that_was_put_aside_is_a_log(name):
    assert check(name, LINE.encode()) == (name, "text/plain; charset=utf-8")
    with pytest.raises(UnsupportedFile):
        check(name, PROGRAM)


@pytest.mark.parametrize("name", ["app.log.exe", "app.log.1.exe", "1", "log.1", "app.zip.1"])
def test_only_a_number_behind_a_log_is_looked_past(name):
    with pytest.raises(UnsupportedFile):
        check(name, LINE.encode())


def test_a_mail_as_programs_save_it_is_taken():
    mail = EmailMessage()
    mail["Subject"] = "Relatório"
    mail.set_content("Não abre.", cte="8bit")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="tela.png")
    assert check("mensagem.eml", mail.as_bytes().replace(b"\n", b"\r\n"))[1] == "message/rfc822"


@pytest.mark.parametrize(
    "content",
    [LINE.encode(), LINE.encode("latin-1"), b"a\0", b"\0", b"\xc3"],
    ids=["UTF-8", "Latin", "wide", "zeros", "cut"],
)
def test_twenty_megabytes_of_text_are_judged_within_seconds(content):
    content, began = (content * (20_000_000 // len(content) + 1))[:20_000_000], time.monotonic()
    with contextlib.suppress(UnsupportedFile):
        check_file("a.log", content, 20_000_000)
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(("name", "remedy"), [("tela.avi", "como MP4"), ("voz.flac", "como MP3")])
def test_films_and_recordings_of_other_kinds_say_which_are_taken(name, remedy):
    with pytest.raises(UnsupportedFile, match=remedy):
        check(name, b"RIFF")
