"""The conversation in a real browser, wide and narrow: open, talk, press, upload, follow an article, file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dialogue.test_dialogues import PNG
from tests.e2e.desk import SIZES
from tests.stack import Stack


@pytest.fixture(params=SIZES)
def page(browser: Browser, request: pytest.FixtureRequest, stack: Stack) -> Iterator[Page]:
    """A page that fails the test for any script error or breach of the content policy."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="pt-BR", accept_downloads=True)
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if "Content Security" in line.text else None)
    yield page
    context.close()
    assert not trouble


def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    box.fill(text)
    box.press("Enter")


def last_answer(page: Page, text: str) -> None:
    expect(page.get_by_role("log").get_by_text(text, exact=False).last).to_be_visible(timeout=20_000)


def test_a_customer_files_a_ticket_with_a_file_by_words_and_buttons(page: Page, stack: Stack, tmp_path: Path) -> None:
    page.goto(stack.url)
    say(page, "Bom dia!")
    page.get_by_role("button", name="Relatar um erro").last.click()
    page.get_by_role("button", name="Omni CRM").click()
    page.get_by_role("button", name="Report Builder").click()
    last_answer(page, "qual é o assunto")
    say(page, "Relatório não exporta.")
    last_answer(page, "O que acontece")
    say(page, "Ao exportar aparece 'tempo esgotado'.")
    last_answer(page, "Quem é afetado")
    say(page, "A equipe de gestão.")
    last_answer(page, "Onde acontece")
    say(page, "Na tela de relatórios.")
    last_answer(page, "Desde quando")
    say(page, "Desde ontem.")
    last_answer(page, "Que efeito")
    say(page, "A diretoria está sem números.")
    last_answer(page, "telefone ou horário")
    page.get_by_role("button", name="Só por e-mail").click()
    last_answer(page, "anexar")
    picture = tmp_path / "erro ao exportar.png"
    picture.write_bytes(PNG)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Anexar").first.click()
    chooser.value.set_files(picture)
    expect(page.get_by_text("erro ao exportar.png").first).to_be_visible()
    page.get_by_role("button", name="Enviar", exact=False).last.click()
    last_answer(page, "Para qual e-mail")
    say(page, "maria@visita.example")
    last_answer(page, "Posso abrir assim")
    expect(page.get_by_role("log")).to_contain_text("severidade 4")
    page.get_by_role("button", name="Abrir chamado").click()
    last_answer(page, "está aberto")
    page.screenshot(path=stack.home / f"filed-{page.viewport_size['width']}.png")
    say(page, "como está o meu chamado?")
    last_answer(page, "Em atendimento")


def test_a_first_visit_tells_the_browser_of_no_error(page: Page, stack: Stack) -> None:
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    with page.expect_response(lambda response: response.url.endswith("/messages")) as asked:
        page.goto(stack.url)
    assert asked.value.ok
    expect(page.get_by_role("button", name="Relatar um erro")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Relatar um erro")).to_be_visible()
    assert complaints == []


def test_an_article_is_followed_from_the_conversation(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    say(page, "como passo um atendimento do chat do omni pra outra pessoa?")
    last_answer(page, "Isso resolve")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Como transferir um atendimento").first.click()
    article = opened.value
    expect(article.get_by_role("heading", level=1)).to_contain_text("Como transferir um atendimento")
    page.screenshot(path=stack.home / f"article-{page.viewport_size['width']}.png")
    page.get_by_role("button", name="Sim, resolveu").click()
    last_answer(page, "resol")


def test_history_and_draft_survive_a_reload(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    say(page, "quero abrir um chamado.")
    last_answer(page, "Sobre qual produto")
    page.get_by_role("textbox").fill("ainda não enviei isto")
    page.reload()
    last_answer(page, "Sobre qual produto")
    expect(page.get_by_role("textbox")).to_have_value("ainda não enviei isto")


def test_old_buttons_cannot_be_pressed_again(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    say(page, "quero abrir um chamado.")
    page.get_by_role("button", name="Omni CRM").click()
    last_answer(page, "Em qual módulo")
    expect(page.get_by_role("button", name="Omni CRM")).to_be_disabled()


def test_markup_of_a_customer_is_shown_as_text(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    say(page, "<img src=x onerror=alert(1)> [clique](javascript:alert(1)).")
    expect(page.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("a[href^='javascript']")).to_have_count(0)


def test_one_line_embeds_the_widget_in_a_page(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/incorporar")
    page.get_by_role("button", name="Abrir conversa com o suporte").click()
    say(page, "oi.")
    last_answer(page, "Conte o")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox")).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/artigos", "/artigos?q=senha", "/artigos/nao-existe", "/incorporar", "/chamados/PC-1001"]
)
def test_no_page_is_wider_than_the_screen(page: Page, stack: Stack, path: str) -> None:
    page.goto(stack.url + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
