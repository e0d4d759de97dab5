"""The queue and a ticket at the console: who may come in, what is shown, what each form does, and does once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.conversation.message import BotMessage
from bot.sla.clock import started
from bot.sla.wording import deadline
from bot.store.tables import attachments, outbox, ticket_events
from bot.tickets.draft import TicketDraft
from bot.tickets.handling import Said
from bot.tickets.ports import Filing
from bot.tickets.ticket import Status
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester
from tests.bot.tickets.samples import HTML, SAMPLES

KEY = "chave-de-um-formulario"
TALK = "conversa-ana"
TICKET = "/console/chamados/PC-1001"
HOUR = timedelta(hours=1)


@pytest.fixture
def file(assembly, clock):
    """Files a ticket of Ana's whose row is one of the matrix, or which is no incident."""

    def file(row="SLA-03", *, person=ANA, talk=TALK, id=None, evidence=None, **told):
        assembly.inbox.open(talk, "web", person.email)
        of = assembly.data.matrix.by_id.get(row)
        terms = of and assembly.data.contracts.terms(of, person.company)
        log = started(of.severity, terms, clock()) if of else ()
        due = assembly.handling.deadlines(log)
        told = {"product": "OMNI", "module": "CHAT", "type": "report_error", "what": "o chat não abre", **told}
        return assembly.tickets.file(
            Filing(
                TicketDraft(id or f"d-{talk}", **told), as_requester(person, talk), told.get("subject") or "Chat parado",
                of and of.severity, row if of else None, due.diagnosis, due.solution, None, evidence or {}, clock(), log,
            )
        ).number  # fmt: skip

    return file


@pytest.fixture
def ticket(assembly, file):
    """The first ticket, PC-1001, as it is now."""
    file()

    def ticket():
        return assembly.tickets.by_number("PC-1001")

    return ticket


@pytest.fixture
def rows(assembly):
    def rows(table):
        with assembly.database.read() as connection:
            return connection.execute(select(table).order_by(table.c.id)).all()

    return rows


def answer(text="Já estamos vendo.", *, seen, key=KEY, act="responder", **more):
    return {"chave": key, "visto": str(seen), "ato": act, "texto": text, **more}


def numbers(page):
    return re.findall(r'class="item" href="/console/chamados/([A-Z]+-\d+)"', page)


ROADS = [
    ("GET", "/console"), ("GET", TICKET), ("GET", "/console/eventos"), ("GET", "/console/conversas/conversa-ana"),
    ("POST", TICKET), ("POST", f"{TICKET}/nota"), ("POST", f"{TICKET}/severidade"),
    *[("POST", f"/console/conversas/conversa-ana/{act}") for act in ("assumir", "escrever", "devolver", "chamado")],
]  # fmt: skip


@pytest.mark.parametrize("method, path", ROADS)
async def test_no_road_of_the_console_is_open_to_a_customer(at, ticket, method, path):
    form = {"chave": KEY, "visto": "1", "ato": "resolver", "texto": "resolvido", "linha": "SLA-38", "motivo": "sim"}
    ana = at(ANA)
    response = await (ana.get(path) if method == "GET" else ana.post(path, **form, confirmado="1"))
    assert response.status_code == 403
    assert "Chat parado" not in response.text
    assert ticket().status is Status.OPEN and len(ticket().timeline) == 1


@pytest.mark.parametrize("method, path", ROADS)
async def test_whoever_is_not_signed_in_is_led_to_where_that_is_done(at, ticket, method, path):
    response = await (at().get(path) if method == "GET" else at().post(path, chave=KEY))
    assert response.status_code == 303 and response.headers["location"].startswith("/entrar?next=")
    assert len(ticket().timeline) == 1


@pytest.mark.parametrize("path", [path for method, path in ROADS if method == "POST"])
async def test_a_form_of_another_site_does_nothing(davi, ticket, path):
    form = {"chave": KEY, "visto": "1", "ato": "resolver", "texto": "oi", "linha": "SLA-38", "motivo": "sim"}
    response = await davi.http.post(path, data={**form, "confirmado": "1"})
    assert response.status_code == 403 and len(ticket().timeline) == 1


async def test_the_queue_shows_first_what_runs_out_first(davi, assembly, file, clock):
    numbers_of = {}
    numbers_of["later"] = file("SLA-38", talk="conversa-1")
    numbers_of["sooner"] = file("SLA-03", talk="conversa-2")
    numbers_of["without clock"] = file(None, talk="conversa-3", type="usability_question")
    numbers_of["asked"] = file("SLA-03", talk="conversa-4")
    assembly.handling.ask(numbers_of["asked"], as_requester(DAVI, "conversa-4"), Said("Qual?", "m-1", "console"))
    numbers_of["done"] = file("SLA-03", talk="conversa-5")
    assembly.handling.resolve(numbers_of["done"], as_requester(DAVI, "conversa-5"), Said("Feito.", "m-2", "console"))
    shown = numbers(await davi.page("/console"))
    assert shown == [numbers_of[name] for name in ("sooner", "later", "without clock", "asked")]
    clock.advance(hours=5)
    page = await davi.page("/console")
    assert "<b>1</b> atrasado" in page and page.index("venceu") < page.index(numbers_of["later"])


async def test_the_queue_is_narrowed_by_each_filter(davi, assembly, file):
    chat = file("SLA-03", talk="conversa-1", subject="Chat fora do ar")
    app = file("SLA-04", talk="conversa-2", person=CARLA, product="APP", module="APP", subject="Aplicativo não abre")
    slow = file("SLA-38", talk="conversa-3", subject="Etiqueta errada")
    assembly.handling.reply(slow, as_requester(DAVI, "conversa-3"), Said("Vendo.", "m-1", "console"))
    assembly.handling.reply(app, as_requester(CARLA, "conversa-2"), Said("E aí?", "m-2", "portal"))
    for query, expected in {
        "severidade=1": {chat, app}, "produto=APP": {app}, "empresa=Banco+Sul": {app}, "meus=1": {slow},
        "resposta=1": {app}, "q=fora+do+ar": {chat}, "q=PC-1003": {slow}, "situacao=resolved": set(),
        "situacao=todas": {chat, app, slow}, "severidade=1&empresa=Banco+Sul": {app},
    }.items():  # fmt: skip
        assert set(numbers(await davi.page(f"/console?{query}"))) == expected, query


@pytest.mark.parametrize(
    "query", ["pagina=0", "pagina=-1", "pagina=9999999", "severidade=x", "situacao=%00", "q=%00", "pagina=%C2%B2", "empresa='"]
)  # fmt: skip
async def test_a_filter_that_means_nothing_breaks_nothing(davi, ticket, query):
    assert (await davi.get(f"/console?{query}")).status_code == 200


async def test_the_queue_has_pages(davi, file):
    for place in range(27):
        file("SLA-38", talk=f"conversa-{place:03d}")
    first, second = [numbers(await davi.page(f"/console?pagina={page}")) for page in (1, 2)]
    assert len(first) == 25 and len(second) == 2 and not set(first) & set(second)


async def test_a_ticket_shows_all_that_is_known_of_it(davi, assembly, file):
    evidence = {
        "alternatives": [["SLA-03", 0.71], ["SLA-38", 0.2], ["gone", 0.1]],
        "answers": ["kind:down", "para todos"],
    }
    told = {
        "who": "toda a equipe",
        "where": "na tela",
        "when": "desde ontem",
        "why": "ninguém atende",
        "contact": "ramal 12",
    }
    file(evidence=evidence, opening="socorro, o chat não abre!", articles_shown=("ligar-forno", "sumiu"), **told)
    assembly.notes.write("PC-1001", as_requester(DAVI), "parece o servidor 3", "n-1")
    page = await davi.page(TICKET)
    row = assembly.data.matrix.by_id["SLA-03"]
    for words in (*told.values(), "socorro, o chat não abre!", "Como ligar o forno", "sumiu", row.in_plain_words,
                  "71%", "20%", "para todos", "parece o servidor 3", "Ana Prado", "Lojas Aurora", "restam"):  # fmt: skip
        assert words in page, words
    assert "Parado para todos" in page and "kind:down" not in page


async def test_the_words_of_a_customer_are_data_on_every_page(davi, at, assembly, file):
    evil = "<script>alert(1)</script>\"'><img src=x>"
    number = file(subject=evil, what=evil, opening=evil, id="d-evil")
    assembly.handling.reply(number, as_requester(ANA, TALK), Said(evil, "m-1", "portal"))
    assembly.inbox.say(TALK, BotMessage(evil))
    for path in ("/console", TICKET, "/console/conversas/conversa-ana"):
        page = await davi.page(path)
        assert "<script>alert" not in page and "<img src=x" not in page, path


async def test_an_answer_reaches_the_customer_s_conversation_and_the_outbox_once(davi, ticket, assembly, rows):
    form = answer(seen=1)
    for _ in range(2):
        response = await davi.post(TICKET, **form)
        assert (response.status_code, response.headers["location"]) == (303, TICKET)
    assert [message.text for message in ticket().messages] == ["Já estamos vendo."]
    bubbles = assembly.inbox.pushed_after(TALK, 0)
    assert [(one["from"], one["text"], one["name"]) for one in bubbles] == [("agent", "Já estamos vendo.", "Davi Melo")]
    letters = [row for row in rows(outbox) if row.kind == "ticket_reply"]
    assert [letter.recipient for letter in letters] == [ANA.email]


async def test_an_answer_rings_the_customer_s_bell(davi, ticket, assembly):
    async with assembly.sessions.bell(TALK) as bell:
        await bell.wait(0.2)  # the subscription itself
        await davi.post(TICKET, **answer(seen=1))
        assert await bell.wait(3)


async def test_an_answer_is_the_diagnosis_when_the_agent_says_so(davi, ticket, clock):
    assert "Isto é o diagnóstico" in await davi.page(TICKET)
    await davi.post(TICKET, **answer(seen=1, diagnostico="1"))
    page = await davi.page(TICKET)
    assert "Isto é o diagnóstico" not in page and "cumprido no prazo" in page


async def test_a_question_stops_the_clocks_and_the_page_says_so(davi, ticket, assembly, clock):
    clock.advance(minutes=30)
    await davi.post(TICKET, **answer("Desde quando?", seen=1, act="perguntar"))
    assert ticket().status is Status.WAITING_CUSTOMER
    page = await davi.page(TICKET)
    assert "parado, restam 1 h 30 min" in page and "desde 03/03 10h30" in page
    clock.advance(hours=3)
    assembly.handling.reply("PC-1001", as_requester(ANA, TALK), Said("Desde cedo.", "m-2", "portal"))
    assert "de 03/03 10h30 a 03/03 13h30" in await davi.page(TICKET)


async def test_a_ticket_is_resolved_and_reopened_each_once(davi, ticket):
    resolve = answer("Reiniciamos o servidor.", seen=1, act="resolver")
    assert [(await davi.post(TICKET, **resolve)).status_code for _ in range(2)] == [303, 303]
    assert ticket().status is Status.RESOLVED
    reopen = answer("Voltou a cair.", seen=2, act="reabrir", key="outra-chave")
    assert [(await davi.post(TICKET, **reopen)).status_code for _ in range(2)] == [303, 303]
    assert ticket().status is Status.OPEN and len(ticket().timeline) == 3


async def test_files_come_with_the_answer(davi, ticket, rows):
    files = [("anexos", ("tela.png", SAMPLES["png"], "image/png")), ("anexos", ("log.txt", b"erro 12", "text/plain"))]
    assert (await davi.post(TICKET, files=files, **answer(seen=1))).status_code == 303
    message = ticket().messages[0]
    assert {(file.name, file.message) for file in ticket().attachments} == {
        ("tela.png", message.id),
        ("log.txt", message.id),
    }
    page = await davi.page(TICKET)
    assert "tela.png" in page and "/thumbnail" in page
    await davi.post(TICKET, files=files, **answer(seen=1))
    assert len(rows(attachments)) == 2


async def test_a_file_that_is_refused_keeps_the_text_and_nothing_else(davi, ticket, rows):
    files = [("anexos", ("ok.png", SAMPLES["png"], "image/png")), ("anexos", ("tela.png", HTML, "image/png"))]
    response = await davi.post(TICKET, files=files, **answer("Veja o que achei.", seen=1))
    assert response.status_code == 415 and "Veja o que achei." in response.text and "tela.png" in response.text
    assert rows(attachments) == [] and ticket().messages == ()


async def test_files_on_the_ticket_count_with_those_of_an_answer(davi, ticket, rows):
    """Three is the limit."""
    for n, (kept, status) in enumerate((((0, 1), 303), ((2, 3), 422), ((2,), 303))):
        files = [("anexos", (f"{name}.txt", b"erro %d" % name, "text/plain")) for name in kept]
        form = answer(f"Com {kept}", seen=len(ticket().timeline), key=f"chave-numero-{n}")
        response = await davi.post(TICKET, files=files, **form)
        assert response.status_code == status
        assert status == 303 or ("até 3 anexos" in response.text and "Com (2, 3)" in response.text)
    assert [file.name for file in ticket().attachments] == ["0.txt", "1.txt", "2.txt"] and len(rows(attachments)) == 3


@pytest.mark.parametrize("act", ["responder", "perguntar", "resolver"])
async def test_nothing_is_done_before_the_agent_knows_what_others_did(davi, ticket, assembly, act):
    assembly.handling.reply("PC-1001", as_requester(ANA, TALK), Said("Voltou a funcionar!", "m-1", "portal"))
    refused = await davi.post(TICKET, **answer("Meu texto longo.", seen=1, act=act))
    assert refused.status_code == 409
    assert (
        "O chamado mudou" in refused.text
        and "Ana Prado respondeu" in refused.text
        and "Meu texto longo." in refused.text
    )
    assert len(ticket().messages) == 1
    seen = re.search(r'name="visto" value="(\d+)"', refused.text).group(1)
    assert (await davi.post(TICKET, **answer("Meu texto longo.", seen=seen, act=act))).status_code == 303
    assert len(ticket().messages) == 2


async def test_the_new_deadlines_are_shown_before_the_severity_changes(davi, ticket, assembly, clock):
    clock.advance(minutes=30)
    form = {"visto": "1", "linha": "SLA-38", "motivo": "Só a cor do botão."}
    preview = await davi.post(f"{TICKET}/severidade", **form)
    assert preview.status_code == 200 and "Só a cor do botão." in preview.text
    assert ticket().severity == 1
    for _ in range(2):
        assert (await davi.post(f"{TICKET}/severidade", **form, confirmado="1")).status_code == 303
    assert (ticket().severity, ticket().sla_row) == (4, "SLA-38")
    assert [entry.kind for entry in ticket().timeline] == ["opened", "severity_changed"]
    now = assembly.local_now()
    for due in (ticket().diagnosis_due, ticket().solution_due):
        assert deadline(due.astimezone(now.tzinfo), now) in preview.text


@pytest.mark.parametrize("row, reason", [("SLA-99", "porque sim"), ("SLA-38", " … "), ("", "porque sim")])
@pytest.mark.parametrize("confirmed", ["", "1"])
async def test_a_severity_changes_to_a_row_of_the_matrix_and_with_a_reason(davi, ticket, row, reason, confirmed):
    form = {"visto": "1", "linha": row, "motivo": reason, "confirmado": confirmed}
    response = await davi.post(f"{TICKET}/severidade", **form)
    assert response.status_code == 422 and 'role="alert"' in response.text
    assert ticket().severity == 1


async def test_a_severity_is_not_changed_over_the_head_of_another(davi, ticket, assembly):
    assembly.handling.reply("PC-1001", as_requester(ANA, TALK), Said("Piorou!", "m-1", "portal"))
    form = {"visto": "1", "linha": "SLA-38", "motivo": "Só a cor.", "confirmado": "1"}
    assert (await davi.post(f"{TICKET}/severidade", **form)).status_code == 409
    assert ticket().severity == 1


async def test_a_note_is_read_by_agents_and_by_no_road_of_a_customer(davi, at, as_, ticket, assembly):
    secret = "palavra-interna-xyz"
    for _ in range(2):
        assert (await davi.post(f"{TICKET}/nota", chave=KEY, texto=secret)).status_code == 303
    assert (await davi.page(TICKET)).count(secret) == 1
    ana, program = at(ANA), as_(ANA)
    assert secret not in await ana.page("/chamados/PC-1001")
    for path in (
        "/api/tickets/PC-1001",
        "/api/tickets",
        f"/api/tickets?q={secret}",
        f"/api/conversations/{TALK}/messages",
    ):
        answered = await program.get(path)
        assert answered.status_code == 200 and secret not in answered.text, path
    assert (await program.get(f"/api/tickets?q={secret}")).json()["items"] == []
    assert secret not in str(assembly.personal.export(ANA.email))


@pytest.mark.parametrize(
    "path", ["/console/chamados/PC-9999", "/console/chamados/x'%00", "/console/conversas/nao-existe-1"]
)
async def test_what_does_not_exist_is_not_found(davi, path):
    assert (await davi.get(path)).status_code == 404


@pytest.mark.parametrize("form", [{}, {"chave": KEY}, {"chave": "x", "visto": "1", "ato": "responder"},
                                  {"chave": KEY, "visto": "-1", "ato": "responder"}, {"chave": KEY, "visto": "1", "ato": "apagar"}])  # fmt: skip
async def test_a_form_that_is_not_ours_is_refused(davi, ticket, form):
    assert (await davi.post(TICKET, **form)).status_code == 422
    assert len(ticket().timeline) == 1


async def test_a_colleague_s_ticket_is_found_with_its_number_in_small_letters(davi, ticket):
    assert BRUNO.company == ANA.company
    assert (await davi.get("/console/chamados/pc-1001")).status_code == 200


async def test_a_mere_notice_overtakes_nobody_and_has_words(davi, ticket, assembly, rows):
    """That a message was read, or a deadline is near, is no reason to refuse an answer."""
    bodies = {
        "told": {"way": "whatsapp", "state": "read"},
        "file_refused": {"name": "virus.exe", "reason": "Não aceito."},
        "delivery_failed": {"text": "Não foi possível entregar o e-mail."},
        "sla_warning": {"clock": "solution"},
        "what is new": {},
    }
    with assembly.database.write() as connection:
        for kind, body in bodies.items():
            connection.execute(insert(ticket_events).values(ticket_id=1, kind=kind, at=assembly.now(), body=body))
    page = await davi.page(TICKET)
    for words in ("Aviso ao cliente pelo WhatsApp: lido", "Arquivo recusado: virus.exe", "Não foi possível entregar",
                  "Prazo de solução: perto do fim", "O chamado foi atualizado"):  # fmt: skip
        assert words in page, words
    assert "what is new" not in page
    assert (await davi.post(TICKET, **answer(seen=1))).status_code == 303
