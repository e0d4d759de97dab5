"""Files in and out: what is taken, what is refused, and who gets it back."""

from typing import Any

import pytest

from bot.gateway.app import STATIC
from tests.bot.filings import filing
from tests.bot.gateway.conftest import LIMIT, TALK, assert_refused, post, upload
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester
from tests.bot.tickets.samples import GIF_PAGE, HTML, PNG, PROGRAM, SAMPLES, SVG, huge_png, office, picture, zipped

ATTACHMENTS = f"/api/conversations/{TALK}/attachments"
NO_PICTURE = (STATIC / "no-picture.webp").read_bytes()
TOO_MUCH = LIMIT + 100_001
MULTIPART = {"Content-Type": "multipart/form-data; boundary=limite"}


async def test_a_file_is_taken_and_described(as_):
    response = await upload(as_(), "print da tela.png", PNG)
    assert response.status_code == 201
    assert response.json() == {
        "id": response.json()["id"], "name": "print da tela.png", "mime": "image/png", "size": len(PNG),
    }  # fmt: skip


async def test_the_type_is_ours_whatever_the_sender_says(as_):
    assert (await upload(as_(), "print.png", PNG, mime="text/html")).json()["mime"] == "image/png"


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("print.png", HTML, "extensão que corresponde ao conteúdo"),
        ("foto.png", SVG, "extensão que corresponde ao conteúdo"),
        ("foto.svg", SVG, "Salve a imagem como PNG ou JPG"),
        ("pagina.html", HTML, "envie um print"),
        ("foto.gif", GIF_PAGE, "extensão que corresponde ao conteúdo"),
        ("fatura.pdf.exe", PROGRAM, "Programas não são aceitos"),
        ("fatura.exe.pdf", PROGRAM, "extensão que corresponde ao conteúdo"),
        ("planilha.docx", office("xlsx"), "não é um documento .docx de verdade"),
        ("logs.zip", zipped({"a.zip": zipped({"b": "b"})}), "Descompacte o de dentro"),
    ],
)
async def test_what_is_not_allowed_is_refused_with_what_to_do(as_, name, content, remedy):
    detail = assert_refused(await upload(as_(), name, content), 415)["detail"]
    assert name in detail and remedy in detail


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("foto.png", huge_png(), "Recorte"),
        ("relatorio.docx", office("docx", {"word/zeros.bin": bytes(30_000_000)}), "Envie só a parte"),
        ("logs.zip", zipped({"zeros.log": bytes(30_000_000)}), "Envie só a parte"),
    ],
)
async def test_what_would_fill_the_memory_of_who_opens_it_is_refused(as_, name, content, remedy):
    detail = assert_refused(await upload(as_(), name, content), 413)["detail"]
    assert name in detail and remedy in detail


def raw(filename: bytes, content: bytes = PNG) -> dict[str, Any]:
    """A multipart body with a file name that no client library would send."""
    head = b'--limite\r\nContent-Disposition: form-data; name="file"; filename="' + filename + b'"\r\n\r\n'
    return {"content": head + content + b"\r\n--limite--\r\n", "headers": MULTIPART}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"../../../x.png", "x.png"),
        (b"..\\..\\x.png", "x.png"),
        (b"C:\\Users\\ana\\print.png", "print.png"),
        ("foto\u202egpj.png".encode(), "fotogpj.png"),
        (b"a\x00b.png", "ab.png"),
        (b"a" * 300 + b".png", "a" * 107 + ".png"),
        ("relatório final.png".encode("latin-1"), "relatório final.png"),
        (b"print.PNG", "print.PNG"),
    ],
)
async def test_a_name_is_kept_without_what_misleads(as_, given, kept):
    response = await as_().post(ATTACHMENTS, **raw(given))
    assert (response.status_code, response.json().get("name")) == (201, kept)


@pytest.mark.parametrize(
    "given",
    [b"../../../etc/passwd", b"C:\\..", b"..", "foto\u202egnp.exe".encode(), b"a.png\x00.exe", b"a" * 300],
)
async def test_a_name_that_hides_no_allowed_type_is_refused(as_, given):
    assert_refused(await as_().post(ATTACHMENTS, **raw(given)), 415, "etc/passwd", "..\\")


async def test_two_files_of_one_name_are_two_files(as_):
    first, second = [(await upload(as_(), "print.png", PNG)).json() for _ in range(2)]
    assert first["name"] == second["name"] and first["id"] != second["id"]


async def test_an_empty_file_is_refused(as_):
    assert "está vazio" in assert_refused(await upload(as_(), "print.png", b""), 422)["detail"]


async def test_a_file_just_over_the_limit_is_refused(as_):
    refused = assert_refused(await upload(as_(), "print.png", PNG + bytes(LIMIT)), 413)
    assert "limite" in refused["detail"]


async def test_a_body_far_over_the_limit_is_refused_by_its_length(as_):
    assert_refused(await upload(as_(), "print.png", PNG + bytes(TOO_MUCH)), 413)


async def chunks(total):
    """A multipart body that never says how long it is."""
    yield b'--limite\r\nContent-Disposition: form-data; name="file"; filename="print.png"\r\n\r\n' + PNG
    for _ in range(total // 50_000 + 1):
        yield bytes(50_000)
    yield b"\r\n--limite--\r\n"


async def test_a_body_that_hides_its_length_is_cut_off(as_):
    assert_refused(await as_().post(ATTACHMENTS, content=chunks(TOO_MUCH), headers=MULTIPART), 413)


async def test_a_body_that_hides_its_length_is_taken_when_it_is_small(as_):
    response = await as_().post(ATTACHMENTS, content=chunks(50_000), headers=MULTIPART)
    assert response.status_code == 201


async def test_a_message_that_hides_its_length_is_cut_off(as_, engine):
    async def endless():
        yield b'{"id": "m1", "text": "'
        for _ in range(TOO_MUCH // 50_000 + 1):
            yield b"x" * 50_000
        yield b'"}'

    headers = {"Content-Type": "application/json"}
    assert_refused(await as_().post(f"/api/conversations/{TALK}/messages", content=endless(), headers=headers), 413)
    assert engine.played == []


@pytest.mark.parametrize(
    "request_",
    [{"data": {"file": "so texto"}}, {"files": {"arquivo": ("a.png", PNG)}}, {"json": {}}, {}],
    ids=["text", "another name", "json", "nothing"],
)
async def test_an_upload_without_a_file_names_the_field(as_, request_):
    assert assert_refused(await as_().post(ATTACHMENTS, **request_), 422)["fields"] == ["file"]


async def test_a_broken_multipart_body_is_refused(as_):
    response = await as_().post(ATTACHMENTS, content=b"--outro\r\nquebrado", headers=MULTIPART)
    assert response.status_code in (400, 422)
    assert_refused(response, response.status_code, "quebrado")


async def test_more_files_than_a_ticket_takes_are_refused_with_what_to_do(as_):
    for n in range(3):
        assert (await upload(as_(), f"{n}.png", PNG)).status_code == 201
    assert "até 3 anexos. Junte" in assert_refused(await upload(as_(), "4.png", PNG), 422)["detail"]


async def test_files_larger_together_than_a_ticket_takes_are_refused(as_):
    for name in ("1.png", "2.png"):
        assert (await upload(as_(), name, PNG + bytes(LIMIT - len(PNG)))).status_code == 201
    assert "somam até" in assert_refused(await upload(as_(), "3.png", PNG + bytes(LIMIT - len(PNG))), 422)["detail"]


async def untouched():
    """A body that must not be read."""
    pytest.fail("the body was read")
    yield b""


async def test_where_there_is_no_room_the_body_is_not_read(as_):
    for n in range(3):
        await upload(as_(), f"{n}.png", PNG)
    assert_refused(await as_().post(ATTACHMENTS, content=untouched(), headers=MULTIPART), 422)


async def test_from_a_stranger_the_body_is_not_read(as_):
    await upload(as_(ANA), "a.png", PNG)
    assert_refused(await as_(CARLA).post(ATTACHMENTS, content=untouched(), headers=MULTIPART), 404)


async def test_of_a_body_too_large_nothing_is_read(as_):
    headers = MULTIPART | {"Content-Length": str(TOO_MUCH)}
    assert_refused(await as_().post(ATTACHMENTS, content=untouched(), headers=headers), 413)


async def test_two_files_in_one_upload_are_refused(as_):
    files = [("file", (f"{n}.png", PNG)) for n in range(2)]
    assert_refused(await as_().post(ATTACHMENTS, files=files), 400)


async def test_an_upload_is_described_for_programs(as_):
    upload_ = (await as_().get("/api/openapi.json")).json()["paths"]["/api/conversations/{conversation}/attachments"][
        "post"
    ]
    schema = upload_["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["properties"]["file"]["format"] == "binary" and schema["required"] == ["file"]


# Who gets it back


@pytest.fixture
def filed(as_, assembly):
    """The file of a ticket that Ana filed."""

    async def file():
        uploaded = (await upload(as_(ANA), "relatório.png", PNG)).json()
        assembly.tickets.file(filing(as_requester(ANA, TALK), attachments=(uploaded["id"],)))
        return f"/api/attachments/{uploaded['id']}"

    return file


@pytest.mark.parametrize("person", [ANA, BRUNO, DAVI], ids=lambda person: person.name)
async def test_the_file_of_a_ticket_is_given_to_the_company_and_to_support(as_, filed, person):
    response = await as_(person).get(await filed())
    assert (response.status_code, response.content) == (200, PNG)


@pytest.mark.parametrize("person", [CARLA, None], ids=["stranger", "nobody"])
async def test_the_file_of_a_ticket_does_not_exist_for_others(as_, filed, person):
    url = await filed()
    assert_refused(await as_(person).get(url), 404)
    assert_refused(await as_(person).get(url, params={"conversation": TALK}), 404)


def assert_shut_in(response):
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "private" in response.headers["cache-control"]


async def test_a_file_is_never_shown_inside_our_pages(as_, filed):
    response = await as_(ANA).get(await filed())
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["content-type"] == "image/png"
    assert_shut_in(response)


async def test_a_page_inside_xml_of_data_is_text_to_a_browser_and_is_saved(as_):
    """Which element draws can be hidden in a hundred ways; what it is served as decides."""
    page = b"<nota><x:script xmlns:x='http://www.w3.org/1999/&#120;html'>alert(1)</x:script></nota>"
    id = (await upload(as_(), "nota.xml", page)).json()["id"]
    response = await as_().get(f"/api/attachments/{id}", params={"conversation": TALK})
    assert response.content == page and response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert_shut_in(response)


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("relatório.png", "relatorio.png", "relat%C3%B3rio.png"),
        ('a"b;c%41.png', "a_b_c_41.png", "a%22b%3Bc%2541.png"),
        ("👍.png", "arquivo.png", "%F0%9F%91%8D.png"),
        ("print 1.png", "print 1.png", "print%201.png"),
        ("a'b.png", "a_b.png", "a%27b.png"),
    ],
)
async def test_a_file_is_given_back_under_its_name_to_old_and_new_programs(as_, name, plain, whole):
    id = (await as_().post(ATTACHMENTS, **raw(name.replace('"', '\\"').encode()))).json()["id"]
    response = await as_().get(f"/api/attachments/{id}", params={"conversation": TALK})
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"
    assert response.headers["content-disposition"] == disposition


async def test_a_file_whose_content_is_gone_is_said_to_be(as_, filed, assembly, caplog):
    url = await filed()
    for path in assembly.settings.attachments_dir.rglob("*"):
        if path.is_file():
            path.unlink()
    assert "não está mais disponível" in assert_refused(await as_(ANA).get(url), 404)["detail"]
    assert "não tem miniatura" in assert_refused(await as_(ANA).get(f"{url}/thumbnail"), 404)["detail"]
    assert (await as_(ANA).get(f"{url}/thumbnail?or_icon=true")).content == NO_PICTURE
    assert "is gone" in caplog.text and "relat" not in caplog.text


def test_files_lie_outside_of_what_the_gateway_serves(assembly):
    assert not assembly.settings.attachments_dir.is_relative_to(STATIC)


# Small pictures


async def uploaded(client, name, content, conversation=TALK):
    id = (await upload(client, name, content, conversation)).json()["id"]
    return f"/api/attachments/{id}/thumbnail?conversation={conversation}"


@pytest.mark.parametrize(
    ("name", "format"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.gif", "GIF"), ("a.webp", "WEBP"), ("a.bmp", "BMP")]
)
async def test_an_image_has_a_small_picture(as_, name, format):
    response = await as_().get(await uploaded(as_(), name, picture(format, (200, 100))))
    assert response.status_code == 200 and response.headers["content-type"] == "image/webp"
    assert response.content[:4] == b"RIFF" and response.content[8:12] == b"WEBP"
    assert_shut_in(response)


@pytest.mark.parametrize("person", [ANA, BRUNO, DAVI], ids=lambda person: person.name)
async def test_the_small_picture_of_a_ticket_is_given_to_the_company_and_to_support(as_, filed, person):
    assert (await as_(person).get(f"{await filed()}/thumbnail")).status_code == 200


@pytest.mark.parametrize("person", [CARLA, None], ids=["stranger", "nobody"])
async def test_the_small_picture_of_a_ticket_does_not_exist_for_others(as_, filed, person):
    url = f"{await filed()}/thumbnail"
    assert (await as_(ANA).get(url)).status_code == 200
    for address in (url, f"{url}?conversation={TALK}"):
        assert "não existe" in assert_refused(await as_(person).get(address), 404)["detail"]


async def test_who_uploads_the_same_bytes_sees_its_own_small_picture_only(as_):
    anas, carlas = await uploaded(as_(ANA), "a.png", PNG), await uploaded(as_(CARLA), "b.png", PNG, "conversa-da-carla")
    assert (await as_(ANA).get(anas)).status_code == (await as_(CARLA).get(carlas)).status_code == 200
    assert_refused(await as_(CARLA).get(anas), 404)
    assert_refused(await as_(ANA).get(carlas), 404)


@pytest.mark.parametrize("name", ["foto.png", "foto.heic", "nota.txt", "a.pdf"])
async def test_what_cannot_be_shown_small_says_so(as_, name):
    content = PNG[:40] if name == "foto.png" else SAMPLES[name.rpartition(".")[2]]
    url = await uploaded(as_(), name, content)
    assert "não tem miniatura" in assert_refused(await as_().get(url), 404)["detail"]


@pytest.mark.parametrize("name", ["foto.png", "foto.heic", "nota.txt"])
async def test_a_page_gets_an_icon_in_place_of_a_picture_that_cannot_be_drawn(as_, name):
    content = PNG[:40] if name == "foto.png" else SAMPLES[name.rpartition(".")[2]]
    url = f"{await uploaded(as_(), name, content)}&or_icon=true"
    response = await as_().get(url)
    assert response.content == NO_PICTURE and response.headers["content-type"] == "image/webp"
    assert_shut_in(response)
    assert_refused(await as_().get(url.replace(TALK, "conversa-de-outra")), 404)


async def test_a_picture_that_can_be_drawn_gets_no_icon(as_):
    assert (await as_().get(f"{await uploaded(as_(), 'a.png', PNG)}&or_icon=true")).content != NO_PICTURE


async def test_the_history_and_the_ticket_name_the_small_pictures_that_there_are(as_, assembly):
    ids = [(await upload(as_(ANA), name, SAMPLES[name[2:]])).json()["id"] for name in ("a.png", "a.pdf")]
    await post(as_(ANA), text="veja", attachments=ids)
    (message, *_), scope = (
        (await as_(ANA).get(f"/api/conversations/{TALK}/messages")).json()["messages"],
        f"?conversation={TALK}",
    )
    assert [file["thumbnail"] for file in message["attachments"]] == [
        f"/api/attachments/{ids[0]}/thumbnail{scope}",
        None,
    ]
    ticket = assembly.tickets.file(filing(as_requester(ANA, TALK), attachments=tuple(ids)))
    files = (await as_(ANA).get(f"/api/tickets/{ticket.number}")).json()["attachments"]
    assert {file["name"]: file["thumbnail"] for file in files} == {
        "a.png": f"/api/attachments/{ids[0]}/thumbnail",
        "a.pdf": None,
    }
    assert (await as_(ANA).get(message["attachments"][0]["thumbnail"])).status_code == 200


async def test_a_page_under_a_text_name_is_given_back_as_text(as_):
    id = (await upload(as_(), "pagina.txt", HTML)).json()["id"]
    response = await as_().get(f"/api/attachments/{id}", params={"conversation": TALK})
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["content-disposition"].startswith("attachment")


async def test_a_visitor_gets_a_file_back_in_its_own_conversation_only(as_):
    id = (await upload(as_(), "print.png", PNG)).json()["id"]
    assert (await as_().get(f"/api/attachments/{id}", params={"conversation": TALK})).content == PNG
    for params in ({}, {"conversation": "conversa-outra"}, {"conversation": ""}):
        assert_refused(await as_().get(f"/api/attachments/{id}", params=params), 404)


@pytest.mark.parametrize("id", ["nada", "..%2F..%2Fetc%2Fpasswd", "%00", "'--"])
async def test_a_file_that_is_not_there_does_not_exist(as_, id):
    assert_refused(await as_(DAVI).get(f"/api/attachments/{id}"), 404, "passwd")


async def test_a_file_of_another_conversation_in_a_message_is_left_out(as_, engine):
    id = (await upload(as_(ANA), "print.png", PNG)).json()["id"]
    await post(as_(CARLA), "conversa-da-carla", text="veja", attachments=[id])
    assert engine.played[0].attachments == ()
