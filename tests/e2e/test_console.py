"""The agents' console in a real browser, beside a customer in theirs: live, by keyboard, and without JavaScript."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.assembly import Assembly
from bot.settings import Settings
from tests.bot.channels.mails import mail
from tests.dialogue.test_dialogues import PNG
from tests.e2e.desk import Desk
from tests.stack import ANA, DAVI, SECRET, Person, Stack, Talk

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


@pytest.fixture
def mailroom(stack: Stack) -> Iterator[Assembly]:
    """The stack's own database, where IMAP and LMTP would put a mail."""
    parts = Assembly(Settings(home=stack.home, identity_secret=SECRET))
    yield parts
    parts.database._engine.dispose()


def strangers_mail(subject: str, to: str) -> EmailMessage:
    words = 'Olá! Sou do financeiro e também estou sem acesso.\n\n<script>alert("oi")</script>\n\nObrigada, Eva'
    letter = mail(words, subject=subject, to=to, message_id=f"<{uuid.uuid4().hex}@fora.example>")
    letter.replace_header("From", "Eva Campos <eva@fora.example>")
    letter.add_attachment(PNG, maintype="image", subtype="png", filename="print da tela de acesso.png")
    return letter


def focus_by_keyboard(page: Page, item: Locator) -> None:
    for _ in range(page.locator("a.item").count()):
        page.keyboard.press("j")
        if item.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("no key leads there")


def test_a_held_mail_arrives_by_itself_and_is_let_onto_its_ticket_by_keyboard(
    desk: Desk, file, mailroom: Assembly
) -> None:
    _, number = file()
    page, subject = desk.open(DAVI, "/console/emails"), f"Também estou sem acesso ({uuid.uuid4().hex[:6]})"
    expect(page.locator("#live")).to_have_text("Atualiza sozinha")
    raw = strangers_mail(subject, mailroom.marks.reply_to(number)).as_bytes()
    mailroom.clerk.keep(raw, len(raw))
    row = page.locator("a.item", has_text=subject)
    expect(row).to_be_visible(timeout=10_000)
    expect(page.locator("#desk-nav .mark")).to_be_visible()
    desk.look(page, "mails")
    focus_by_keyboard(page, row)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.locator(".letter")).to_contain_text("Sou do financeiro")
    desk.look(page, "mail")
    page.keyboard.press("r")
    expect(page.get_by_label("Chamado em que entra")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("PC-99999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("esse número não existe")
    desk.look(page, "mail-refused")
    page.get_by_label("Chamado em que entra").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_text("entra no chamado em instantes")).to_be_visible()
    expect(page.locator("a.item", has_text=subject)).to_have_count(0)
    page.get_by_role("link", name="Já decididos").click()
    expect(page.locator(".mails")).to_contain_text("por você")
    desk.look(page, "mails-decided")
    page.goto(f"{desk.stack.url}/console/chamados/{number}")
    expect(page.locator("#talk")).to_contain_text("também estou sem acesso", timeout=10_000)


def test_without_javascript_a_held_mail_is_discarded(desk: Desk, mailroom: Assembly) -> None:
    subject = f"Promoção imperdível {uuid.uuid4().hex[:6]}"
    raw = strangers_mail(subject, "suporte@fora.example").as_bytes()
    mailroom.clerk.keep(raw, len(raw))
    page = desk.open(DAVI, "/console/emails", scripts=False)
    for _ in range(50):
        if page.locator("a.item", has_text=subject).count():
            break
        page.wait_for_timeout(200)
        page.reload()
    page.locator("a.item", has_text=subject).click()
    page.get_by_role("button", name="Descartar").click()
    expect(page.get_by_text("não vai a chamado nenhum")).to_be_visible()
    expect(page.locator("a.item", has_text=subject)).to_have_count(0)


def test_a_held_mail_that_was_discarded_is_released_after_all(desk: Desk, file, mailroom: Assembly) -> None:
    _, number = file()
    subject = f"Também estou sem acesso ({uuid.uuid4().hex[:6]})"
    raw = strangers_mail(subject, "suporte@fora.example").as_bytes()
    mailroom.clerk.keep(raw, len(raw))
    page = desk.open(DAVI, "/console/emails")
    row = page.locator("a.item", has_text=subject)
    row.click(timeout=10_000)
    page.get_by_role("button", name="Descartar").click()
    page.get_by_role("link", name="Descartados").click()
    expect(row).to_be_visible()
    desk.look(page, "mails-discarded")
    row.click()
    expect(page.get_by_role("heading", name="Voltar atrás")).to_be_visible()
    desk.look(page, "mail-discarded")
    page.get_by_label("Chamado em que entra").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_text("entra no chamado em instantes")).to_be_visible()
    page.goto(f"{desk.stack.url}/console/emails?decididos=1")
    row.click()
    expect(page.get_by_text("Descartado")).to_be_visible()
    expect(page.get_by_text("Liberado")).to_be_visible()


def test_a_ticket_arrives_by_itself_and_is_answered_by_keyboard(desk: Desk, file, tmp_path) -> None:
    page = desk.open(DAVI, "/console?empresa=Casa%20Leste")
    expect(page.locator("#live")).to_have_text("Atualiza sozinha")
    talk, number = file(NINA)
    row = page.locator(f"a.item[href='/console/chamados/{number}']")
    expect(row).to_be_visible(timeout=10_000)
    desk.look(page, "queue")
    focus_by_keyboard(page, row)
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
    desk.look(davi, "talk-waiting")
    davi.get_by_role("button", name="Assumir a conversa").click()
    expect(davi.locator("#hands")).to_contain_text("está com você")
    eva.get_by_role("button", name="Assumir a conversa").click()
    expect(eva.get_by_role("alert")).to_contain_text("Esta conversa já está com Davi Melo")
    eva.get_by_role("button", name="Assumir no lugar de Davi Melo").click()
    expect(eva.locator("#hands")).to_contain_text("está com você")
    expect(davi.locator("#hands")).to_contain_text("está com Eva Lima", timeout=10_000)
    desk.look(davi, "talk-colleagues")


def test_every_state_of_a_conversation_is_open_to_everybody(desk: Desk, stack: Stack) -> None:
    """What axe finds: while the bot leads it, with a draft and files in it, taken, refused, and with its ticket."""
    talk = stack.talk()
    for text in ("Quero abrir um chamado", "Omni CRM", "Chat", "é um erro", "O envio de mensagens falha " * 12):
        talk.say(text)
    talk.say("segue um print", attachments=[talk.upload("tela do painel de atendimento.png", PNG, "image/png")])
    page = desk.open(DAVI, f"/console/conversas/{talk.id}")
    expect(page.locator("#hands")).to_contain_text("O assistente está conduzindo")
    desk.look(page, "talk-running")
    page.get_by_role("button", name="Assumir a conversa").click()
    expect(page.locator("#hands")).to_contain_text("está com você")
    page.get_by_label("Produto e módulo").select_option("")
    page.locator("form.draft").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Abrir o chamado").click()
    expect(page.get_by_role("alert")).to_contain_text("Escolha o produto")
    desk.look(page, "talk-refused")
    page.get_by_label("Produto e módulo").select_option(label="Chat")
    page.get_by_label("Tipo", exact=True).select_option("report_error")
    page.get_by_label("O quê").fill("O envio de mensagens falha")
    page.get_by_role("button", name="Abrir o chamado").click()
    expect(page.locator("#tags")).to_be_visible()
    page.goto(f"{desk.stack.url}/console/conversas/{talk.id}")
    expect(page.get_by_role("heading", name="Chamado aberto")).to_be_visible()
    desk.look(page, "talk-filed")


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
