"""The pages of tickets in a real browser, wide and narrow: as customer, colleague, stranger and agent."""

from __future__ import annotations

import re
import time
from email import message_from_string, policy

import pytest
from playwright.sync_api import Page, expect

from bot.assembly import Assembly
from bot.settings import Settings
from tests.bot.gateway.desk_of_aurora import SUPPORT, file_ticket, furnish, picture, said
from tests.e2e.axe import violations
from tests.e2e.desk import Desk
from tests.stack import DAVI, SECRET, Person, Stack

LIA = Person("Lia Prates", "lia@casanorte.example", "Casa Norte")
RUI = Person("Rui Sá", "rui@casanorte.example", "Casa Norte")
IVO = Person("Ivo Brito", "ivo@bancoleste.example", "Banco Leste")


@pytest.fixture(scope="module")
def assembly(stack: Stack) -> Assembly:
    """The store of the running service, to file tickets as of weeks ago."""
    return Assembly(Settings(home=stack.home, identity_secret=SECRET))


@pytest.fixture(scope="module")
def numbers(assembly: Assembly) -> dict[str, str]:
    return furnish(assembly, LIA, RUI, IVO)


def letter_to(stack: Stack, address: str) -> tuple[str, str]:
    """Code and link of the newest sign-in letter, once it is delivered."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for mail in reversed([message_from_string(mail, policy=policy.default) for mail in stack.mails()]):
            text = mail.get_body(("plain",)).get_content()
            if mail["To"] == address and (link := re.search(r"/entrar/link/[\w-]+", text)):
                return re.findall(r"\b\d{6}\b", text)[0], link[0]
        time.sleep(0.2)
    raise AssertionError(f"no letter came to {address}")


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_a_person_signs_in_by_code_and_comes_to_the_page_they_wanted(desk: Desk, stack: Stack, numbers) -> None:
    email = f"nova{desk.size[0]}@casanorte.example"
    page = desk.open(None, "/chamados?status=open")
    heading(page, "Entrar")
    desk.look(page, "sign-in")
    page.get_by_label("Seu e-mail de trabalho").fill(email)
    page.keyboard.press("Enter")
    heading(page, "Digite o código")
    expect(page.get_by_label("Código")).to_be_focused()
    desk.look(page, "code")
    code, _ = letter_to(stack, email)
    page.get_by_label("Código").fill("000000" if code != "000000" else "111111")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("não confere")
    desk.look(page, "wrong-code")
    page.get_by_label("Código").fill(code)
    page.keyboard.press("Enter")
    heading(page, "Meus chamados")
    assert page.url.endswith("/chamados?status=open")
    desk.look(page, "nothing-yet")
    page.get_by_role("button", name="Sair").click()
    expect(page.get_by_role("status")).to_contain_text("Você saiu")


def test_the_whole_way_works_without_javascript(desk: Desk, stack: Stack, assembly, numbers) -> None:
    person = Person("Bia Luz", f"bia{desk.size[0]}@casasul.example", None)
    number = file_ticket(assembly, person, f"sem-script-{desk.size[0]}", what="A tela fica branca").number
    page = desk.open(None, f"/chamados/{number}", scripts=False)
    page.get_by_label("Seu e-mail de trabalho").fill(person.email)
    page.get_by_role("button", name="Receber código").click()
    _, link = letter_to(stack, person.email)
    page.goto(stack.url + link)
    page.get_by_role("button", name="Entrar").click()
    heading(page, number)
    page.get_by_label("Sua mensagem").fill("Ainda acontece.")
    page.get_by_label("Anexos").set_input_files({"name": "tela.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="Enviar resposta").click()
    expect(page.get_by_role("status")).to_contain_text("Sua resposta foi enviada")
    expect(page.locator(".timeline")).to_contain_text("Ainda acontece.")
    expect(page.locator(".timeline")).to_contain_text("tela.png")
    page.reload()
    expect(page.get_by_text("Ainda acontece.")).to_have_count(1)


def test_a_customer_finds_a_ticket_by_filters_and_words(desk: Desk, numbers) -> None:
    page = desk.open(LIA, "/chamados")
    heading(page, "Meus chamados")
    desk.look(page, "mine")
    page.get_by_role("link", name="Todos os chamados").first.click()
    heading(page, "Todos os chamados")
    expect(page.locator("tbody tr")).to_have_count(5)
    desk.look(page, "all")
    page.get_by_label("Criado por").select_option("Rui Sá")
    page.get_by_label("Status").select_option("Aguardando sua resposta")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Remover o filtro Criado por").click()
    expect(page.get_by_label("Status")).to_have_value("waiting_customer")
    page.get_by_role("link", name="Remover o filtro Status").click()
    page.get_by_label("Número ou palavras").fill("relatroio exporta")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    desk.look(page, "found")
    page.get_by_label("Número ou palavras").fill("nada disso")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nenhum chamado com esses filtros")).to_be_visible()
    desk.look(page, "not-found")


def test_a_customer_reads_answers_and_adds_evidence(desk: Desk, numbers) -> None:
    page = desk.open(LIA, f"/chamados/{numbers['late']}")
    expect(page.locator(".deadlines")).to_contain_text("Atrasado: o prazo era")
    thumbnail = page.locator(".files img").first
    expect(thumbnail).to_be_visible()
    assert thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    desk.look(page, "ticket")
    with page.expect_download() as download:
        page.get_by_role("link", name="erro ao exportar.png").click()
    assert download.value.suggested_filename == "erro ao exportar.png"
    page.get_by_label("Anexos").set_input_files({"name": "pagina.png", "mimeType": "image/png", "buffer": b"<html>"})
    page.get_by_label("Sua mensagem").fill(f"Segue a tela de {desk.size[0]} pontos.")
    page.get_by_role("button", name="Enviar resposta").click()
    expect(page.get_by_role("alert")).to_contain_text("Não aceito o arquivo pagina.png")
    desk.look(page, "refused-file")
    expect(page.get_by_label("Sua mensagem")).to_have_value(f"Segue a tela de {desk.size[0]} pontos.")
    page.get_by_label("Anexos").set_input_files({"name": "tela.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="Enviar resposta").dblclick()
    expect(page.get_by_role("status").first).to_contain_text("Sua resposta foi enviada")
    expect(page.get_by_text(f"Segue a tela de {desk.size[0]} pontos.")).to_have_count(1)
    desk.look(page, "answered")


def sign_in_again(page: Page, stack: Stack, email: str) -> None:
    page.get_by_label("Seu e-mail de trabalho").fill(email)
    page.keyboard.press("Enter")
    heading(page, "Digite o código")
    page.get_by_label("Código").fill(letter_to(stack, email)[0])
    page.keyboard.press("Enter")


@pytest.mark.parametrize("ended", ["by its time", "in another tab"])
def test_what_was_typed_when_the_session_ended_is_there_again_and_is_sent_once(
    desk: Desk, stack: Stack, assembly, ended: str
) -> None:
    person = Person("Nina Melo", f"nina{desk.size[0]}{len(ended)}@casasul.example", None)
    number = file_ticket(assembly, person, f"sessao-{person.email}", what="A lista não carrega").number
    page = desk.open(person, f"/chamados/{number}")
    words = "Primeira linha\n\n<b>Segunda</b> & última"
    page.get_by_label("Sua mensagem").fill(words)
    page.get_by_label("Anexos").set_input_files({"name": "tela.png", "mimeType": "image/png", "buffer": picture()})
    if ended == "by its time":
        page.context.clear_cookies(name="triagem_sessao")  # as the browser does when its time has come
    else:
        other = page.context.new_page()
        other.goto(f"{stack.url}/artigos")
        other.get_by_role("button", name="Sair").click()
        other.wait_for_url("**/entrar?saiu=true")  # a page that is closed while it goes elsewhere may never close
        other.close()
    page.get_by_role("button", name="Enviar resposta").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Guardamos o que você escreveu")
    desk.look(page, "unsent-sign-in")
    sign_in_again(page, stack, person.email)
    heading(page, number)
    expect(page.get_by_label("Sua mensagem")).to_have_value(words)
    expect(page.get_by_label("Sua mensagem")).to_be_in_viewport()
    expect(page.get_by_text("O navegador não guarda arquivos: escolha-os de novo.")).to_be_visible()
    desk.look(page, "unsent")
    page.get_by_role("button", name="Enviar resposta").click()
    expect(page.get_by_role("status").first).to_contain_text("Sua resposta foi enviada")
    for _ in range(3):
        page.go_back()
    page.goto(f"{stack.url}/chamados/{number}")
    expect(page.get_by_text("Primeira linha")).to_have_count(1)
    expect(page.get_by_label("Sua mensagem")).to_have_value("")


def test_a_broken_picture_and_a_file_without_one_show_a_name_and_an_icon(desk: Desk, assembly) -> None:
    number = file_ticket(assembly, LIA, f"quebrada-{desk.size[0]}", what="A foto não abre").number
    page = desk.open(LIA, f"/chamados/{number}")
    files = [("foto cortada.png", picture()[:60]), ("nota.xml", b"<nota/>"), ("rede.har", b'{"log":{"version":"1.2"}}')]
    page.get_by_label("Anexos").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
    )
    page.get_by_role("button", name="Enviar resposta").click()
    expect(page.get_by_role("link", name="foto cortada.png")).to_be_visible()
    drawn = page.locator(".files img").first
    assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    desk.look(page, "icons")
    address = page.get_by_role("link", name="nota.xml").get_attribute("href")
    with page.expect_download() as download:  # opened, and still not rendered
        page.evaluate("address => { location.href = address }", address)
    assert download.value.suggested_filename == "nota.xml"


def test_a_resolved_ticket_is_reopened(desk: Desk, assembly, numbers) -> None:
    id = f"reabrir-{desk.size[0]}"
    number = file_ticket(assembly, LIA, id, row=assembly.data.matrix.rows[-1].id, what="Campo cortado").number
    assembly.handling.resolve(number, SUPPORT, said("Corrigido na versão de hoje.", id))
    page = desk.open(LIA, f"/chamados/{number}")
    heading(page, number)
    desk.look(page, "resolved")
    page.get_by_label("O que ainda acontece?").fill("O campo continua cortado.")
    page.get_by_role("button", name="Reabrir chamado").click()
    expect(page.get_by_role("status").first).to_contain_text("O chamado foi reaberto")
    expect(page.locator(".status").first).to_have_text("Em atendimento")


def test_words_without_end_stay_on_the_page(desk: Desk, assembly) -> None:
    long = Person("Maximiliano Wolfeschlegelsteinhausen", f"max{desk.size[0]}@casasul.example", "C" * 90)
    url = f"https://exemplo.example/{'a' * 200}"
    told = {"what": f"{'X' * 180} {url}", "subject": "NullPointerException$$" + "9" * 120, "who": "w" * 120}
    number = file_ticket(assembly, long, f"longo-{desk.size[0]}", **told).number
    assembly.handling.reply(number, SUPPORT, said(f"{url} {'z' * 300}", f"longo-{desk.size[0]}"))
    page = desk.open(long, "/chamados")
    desk.look(page, "long-list")
    page.get_by_role("link", name=number).click()
    heading(page, number)
    desk.look(page, "long")
    page.goto(f"{desk.stack.url}/perfil")
    desk.look(page, "long-profile")


def test_refusals_are_pages(desk: Desk) -> None:
    page = desk.open(LIA, "/console")
    heading(page, "Não permitido")
    desk.look(page, "forbidden")
    page.goto(f"{desk.stack.url}/nada")
    heading(page, "Não encontrado")
    desk.look(page, "missing")


def test_a_colleague_follows_a_ticket(desk: Desk, numbers) -> None:
    page = desk.open(RUI, f"/chamados/{numbers['running']}")
    page.get_by_role("button", name="Seguir por e-mail").click()
    expect(page.get_by_role("status").first).to_contain_text("a cada novidade")
    desk.look(page, "followed")
    page.get_by_role("button", name="Deixar de seguir").click()
    expect(page.get_by_role("button", name="Seguir por e-mail")).to_be_visible()


def test_a_stranger_meets_the_page_of_what_does_not_exist(desk: Desk, numbers) -> None:
    page = desk.open(IVO, f"/chamados/{numbers['late']}")
    heading(page, "Não encontrado")
    assert "Relatório" not in page.content()
    desk.look(page, "stranger")
    missing = desk.open(IVO, "/chamados/PC-999999")
    assert page.get_by_role("main").inner_text() == missing.get_by_role("main").inner_text()
    page.goto(f"{desk.stack.url}/chamados/todos?q=relatorio&criado_por={LIA.email}")
    expect(page.get_by_text("Nenhum chamado com esses filtros")).to_be_visible()


def test_an_agent_finds_the_way_to_the_console(desk: Desk, numbers) -> None:
    page = desk.open(DAVI, "/chamados/todos")
    desk.look(page, "agent")
    page.get_by_role("link", name="Console").click()
    expect(page).to_have_url(re.compile("/console$"))


def test_everything_is_reached_by_keyboard(desk: Desk, numbers) -> None:
    page = desk.open(LIA, "/chamados/todos?q=relatorio+exporta")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Pular para o conteúdo")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if numbers["late"] in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    heading(page, numbers["late"])
    page.get_by_label("Sua mensagem").focus()
    page.keyboard.type("Pelo teclado.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Enviar resposta")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Sua resposta foi enviada")


def test_a_person_changes_what_they_are_called_and_leaves_everywhere(desk: Desk) -> None:
    person = Person("Ada Luz", f"ada{desk.size[0]}@casanorte.example", "Casa Norte")
    page, other, talking = (desk.open(person, path) for path in ("/chamados", "/chamados", "/"))
    talking.get_by_role("textbox").fill("oi.")
    talking.keyboard.press("Enter")
    expect(talking.get_by_role("log")).to_contain_text("Conte o", timeout=20_000)
    page.get_by_role("link", name="Seu perfil: Ada Luz").click()
    heading(page, "Seu perfil")
    desk.look(page, "profile")
    page.get_by_label("Como o suporte chama você").fill("www.ada.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("endereço de um site")
    expect(page.get_by_label("Como o suporte chama você")).to_be_focused()
    desk.look(page, "profile-refused")
    page.get_by_label("Como o suporte chama você").fill("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nome guardado")
    expect(page.get_by_role("link", name="Seu perfil: Ada", exact=True)).to_be_visible()
    desk.look(page, "profile-done")
    page.get_by_role("button", name="Sair de todos os aparelhos").click()
    expect(page.get_by_role("status")).to_contain_text("Você saiu")
    other.reload()
    heading(other, "Entrar")
    talking.get_by_role("textbox").fill("ainda estou aí?")
    talking.keyboard.press("Enter")
    expect(talking.get_by_role("log")).to_contain_text("Sua sessão terminou", timeout=20_000)


def test_articles_are_for_everybody(desk: Desk, assembly) -> None:
    page = desk.open(None, "/artigos")
    heading(page, "Base de conhecimento")
    desk.look(page, "articles")
    page.get_by_label("O que você procura?").fill("como exportar um relatório")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("para “como exportar um relatório”")
    desk.look(page, "articles-found")
    page.locator(".hits a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    desk.look(page, "article")
    page.goto(f"{desk.stack.url}/artigos?q=xyzzy+qwrtp")
    expect(page.get_by_role("status")).to_contain_text("chegam mais perto")
    desk.look(page, "articles-not-found")
    page.goto(f"{desk.stack.url}/artigos/nao-existe")
    heading(page, "Não encontrado")
    desk.look(page, "article-missing")


def test_whatever_stands_in_an_article_is_read_by_everybody(desk: Desk) -> None:
    """Tables, quotes, code, lists: of all articles those that bring an element that none before them brought."""
    page, seen, looked_at = desk.open(None, "/artigos"), set(), 0
    paths = page.locator(".listed a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for path in paths:
        elements = set(re.findall(r"<(\w+)", desk.stack.http().get(path).text))
        if elements <= seen:
            continue
        seen |= elements
        looked_at += 1
        page.goto(f"{desk.stack.url}{path}")
        assert violations(page) == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path
    assert "table" in seen and looked_at > 2


@pytest.mark.parametrize(
    "path",
    [
        "/entrar",
        "/perfil",
        "/artigos",
        "/incorporar",
        "/chamados/todos",
        "/chamados/{late}",
        "/chamados/{waiting}",
        "/chamados?q=nada",
    ],
)
def test_the_pages_are_as_legible_by_night(desk: Desk, numbers, path: str) -> None:
    page = desk.open(LIA if path.startswith(("/perfil", "/chamados")) else None, path.format(**numbers))
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []


def test_the_conversation_knows_who_is_signed_in(desk: Desk, numbers) -> None:
    page = desk.open(LIA, "/chamados")
    with page.expect_request(re.compile("/api/conversations/.*/messages")) as asked:
        page.get_by_role("link", name="Conversa").click()
    assert asked.value.headers["authorization"].startswith("Bearer ")
