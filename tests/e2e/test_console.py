"""The agents' console in a real browser, beside a customer in theirs: live, by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.dialogue.test_dialogues import PNG
from tests.e2e.desk import Desk
from tests.stack import ANA, DAVI, Person, Stack, Talk

EVA = Person("Eva Lima", "eva@suporte.example", None, "agent")
# Of a company that files nothing in other tests: its queue has one page.
NINA = Person("Nina Alves", "nina@casaleste.example", "Casa Leste")


@pytest.fixture
def file(stack: Stack) -> Callable[..., tuple[Talk, str]]:
    def file(person: Person = ANA) -> tuple[Talk, str]:
        """A customer tells the bot of an incident, which becomes a ticket; gives the talk and the number."""
        talk = stack.talk(person)
        for text in (
            "Quero abrir um chamado", "Omni CRM", "Chat", "é um erro", "Grupo Vendas não responde clientes no WhatsApp",
            "não resolveu, vamos em frente", 'Ao clicar em Enviar aparece "falha ao entregar"',
            "Os 14 operadores do grupo Vendas; os outros grupos trabalham normalmente",
            "Na tela de atendimento, canal WhatsApp", "Começou hoje, às 8h20", "O grupo está parado", "só por e-mail",
            "não tenho",
        ):  # fmt: skip
            talk.say(text)
        number = talk.choose("Abrir chamado")["ticket"]["number"]
        return talk, number

    return file


def test_a_ticket_arrives_by_itself_and_is_answered_by_keyboard(desk: Desk, file, tmp_path) -> None:
    page = desk.open(DAVI, "/console?empresa=Casa%20Leste")
    expect(page.locator("#live")).to_have_text("Atualiza sozinha")
    talk, number = file(NINA)
    row = page.locator(f"a.item[href='/console/chamados/{number}']")
    expect(row).to_be_visible(timeout=10_000)
    desk.look(page, "queue")
    for _ in range(page.locator("a.item").count()):
        page.keyboard.press("j")
        if row.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    page.keyboard.press("r")
    page.keyboard.type("Ana, já estamos vendo. Segue um print.")
    picture = tmp_path / "painel.png"
    picture.write_bytes(PNG)
    page.get_by_label("Anexos").set_input_files(picture)
    page.get_by_role("button", name="Responder").click()
    expect(page.locator("#talk")).to_contain_text("Ana, já estamos vendo")
    expect(page.locator("#talk")).to_contain_text("painel.png")
    assert talk.history()[-1]["text"] == "Ana, já estamos vendo. Segue um print."
    desk.look(page, "ticket")


def test_an_open_ticket_shows_what_the_customer_writes_without_touching_what_is_typed(desk: Desk, file) -> None:
    _, number = file()
    agent, customer = desk.open(DAVI, f"/console/chamados/{number}"), desk.open(ANA, f"/chamados/{number}")
    reply = agent.get_by_label("Escrever para o cliente")
    reply.fill("Ainda estou escrevendo")
    customer.locator("textarea").first.fill("Voltou a funcionar sozinho!")
    customer.get_by_role("button", name="Enviar", exact=False).first.click()
    expect(agent.locator("#talk")).to_contain_text("Voltou a funcionar sozinho!", timeout=10_000)
    expect(reply).to_have_value("Ainda estou escrevendo")
    agent.get_by_role("button", name="Resolver").click()
    expect(agent.get_by_role("alert")).to_contain_text("O chamado mudou")
    expect(agent.get_by_role("alert")).to_contain_text("Ana Prado respondeu")
    desk.look(agent, "overtaken")
    expect(reply).to_have_value("Ainda estou escrevendo")
    agent.get_by_role("button", name="Resolver").click()
    expect(agent.locator("#tags")).to_contain_text("Resolvido")


def test_the_severity_is_changed_after_a_look_at_the_deadlines(desk: Desk, file) -> None:
    _, number = file()
    page = desk.open(DAVI, f"/console/chamados/{number}")
    page.get_by_text("Mudar a severidade").click()
    page.get_by_label("O que está acontecendo").select_option("SLA-03")
    page.get_by_label("Por quê?").fill("Parou para todos os grupos.")
    page.get_by_role("button", name="Ver os novos prazos").click()
    desk.look(page, "severity")
    page.get_by_role("button", name="Mudar a severidade").click()
    expect(page.locator("#tags")).to_contain_text("Sev. 1")
    expect(page.locator("#happened")).to_contain_text("Parou para todos os grupos.")


def test_a_person_who_asks_for_a_human_gets_one_and_comes_back_to_the_bot(desk: Desk, stack: Stack) -> None:
    queue = desk.open(DAVI, "/console")
    expect(queue.locator("#live")).to_have_text("Atualiza sozinha")
    before = queue.locator(".waits").count()
    customer = desk.open(None, "/")
    box = customer.get_by_role("textbox")
    box.fill("quero falar com uma pessoa")
    box.press("Enter")
    expect(queue.locator(".waits")).to_have_count(before + 1, timeout=20_000)
    desk.look(queue, "waiting")
    queue.get_by_role("button", name="Assumir").last.click()
    log = customer.get_by_role("log")
    expect(log).to_contain_text("Davi Melo, da equipe de suporte", timeout=10_000)
    box.fill("oi, a fila não anda")
    box.press("Enter")
    expect(queue.locator("#log")).to_contain_text("oi, a fila não anda", timeout=10_000)
    queue.get_by_label("Escrever para").fill("Já estou olhando.")
    queue.get_by_role("button", name="Enviar").click()
    expect(log).to_contain_text("Já estou olhando.", timeout=10_000)
    desk.look(queue, "talk")
    queue.get_by_role("button", name="Devolver ao assistente").click()
    expect(log).to_contain_text("Devolvi a conversa ao assistente", timeout=10_000)
    box.fill("obrigado!")
    box.press("Enter")
    expect(log.get_by_text("obrigado!")).to_be_visible()
    expect(log).to_contain_text("Por nada", timeout=20_000)


def test_two_agents_reach_for_the_same_conversation(desk: Desk, stack: Stack) -> None:
    talk = stack.talk(ANA)
    talk.say("quero falar com uma pessoa")
    here = f"/console/conversas/{talk.id}"
    davi, eva = desk.open(DAVI, here), desk.open(EVA, here, scripts=False)
    davi.get_by_role("button", name="Assumir a conversa").click()
    expect(davi.locator("#hands")).to_contain_text("está com você")
    eva.get_by_role("button", name="Assumir a conversa").click()
    expect(eva.get_by_role("alert")).to_contain_text("Esta conversa já está com Davi Melo")
    eva.get_by_role("button", name="Assumir no lugar de Davi Melo").click()
    expect(eva.locator("#hands")).to_contain_text("está com você")
    expect(davi.locator("#hands")).to_contain_text("está com Eva Lima", timeout=10_000)


def test_without_javascript_the_console_works(desk: Desk, file) -> None:
    _, number = file()
    page = desk.open(DAVI, f"/console?q={number}", scripts=False)
    expect(page.get_by_role("link", name="Atualizar")).to_be_visible()
    page.locator("#queue a.item").first.click()
    page.get_by_label("Escrever para o cliente").fill("Desde quando?")
    page.get_by_role("button", name="Pedir informação").click()
    expect(page.locator("#tags")).to_contain_text("Aguardando cliente")
    page.get_by_text("Escrever uma nota").click()
    page.get_by_label("Nota para a equipe").fill("Ver com o time de canais.")
    page.get_by_role("button", name="Guardar a nota").click()
    expect(page.locator("#notes")).to_contain_text("Ver com o time de canais.")


def test_the_shortcuts_can_be_turned_off(desk: Desk) -> None:
    page = desk.open(DAVI, "/console")
    page.get_by_text("Atalhos do teclado").click()
    page.get_by_label("Usar atalhos de uma tecla").uncheck()
    page.reload()
    page.keyboard.press("j")
    assert page.locator("a.item:focus").count() == 0


def test_a_customer_sees_no_console(desk: Desk, file) -> None:
    _, number = file()
    page = desk.open(ANA, f"/console/chamados/{number}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Não permitido")
    expect(page.get_by_role("link", name="Console")).to_have_count(0)
