"""Lists and pages of tickets: what each person sees, finds and does there, and that others' tickets do not exist."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, insert, select

from bot.gateway.ticket_words import TicketWords
from bot.sla.clock import started
from bot.sla.contracts import ALWAYS, Terms
from bot.store.tables import attachments, outbox, subscriptions, ticket_events, ticket_messages, tickets
from bot.tickets.draft import TicketDraft
from bot.tickets.handling import Said
from bot.tickets.ports import Filing
from bot.tickets.ticket import Status
from tests.bot.gateway.desk_of_aurora import SUPPORT, file_ticket, furnish, picture
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, Person, as_requester, visitor

SECRET_WORDS = "Segredo do Banco Sul"
NOBODY = Person("Zeca", "zeca@casa.example", None)


@pytest.fixture
def numbers(assembly):
    """Tickets of Aurora and one of Banco Sul, by what they are good for."""
    return furnish(assembly)


@pytest.fixture
def count(assembly):
    def count(table, *where):
        with assembly.database.read() as connection:
            return connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()

    return count


def listed(html):
    return re.findall(r'href="/chamados/(PC-\d+)"', html)


def words_of(html):
    """The text of a page, as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def form_of(html):
    return {"key": re.search(r'name="key" value="(\w+)"', html)[1]}


# Lists


async def test_my_tickets_are_those_i_filed_newest_first(at, numbers):
    found = listed(await at(ANA).page("/chamados"))
    assert found == [numbers["running"], numbers["resolved"], numbers["late"]]


async def test_all_tickets_are_the_companys(at, numbers):
    found = listed(await at(BRUNO).page("/chamados/todos"))
    assert set(found) == set(numbers.values()) - {numbers["stranger"]} and found == sorted(found, reverse=True)


async def test_who_has_no_company_is_shown_no_list_of_one(at, numbers):
    browser = at(NOBODY)
    response = await browser.get("/chamados/todos")
    assert (response.status_code, response.headers["location"]) == (303, "/chamados")
    html = await browser.page("/chamados")
    assert "Todos os chamados" not in html and listed(html) == []


async def test_support_sees_all_and_the_way_to_the_console(at, numbers):
    html = await at(DAVI).page("/chamados/todos")
    assert set(listed(html)) == set(numbers.values()) and 'href="/console"' in html
    assert 'href="/console"' not in await at(ANA).page("/chamados")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=waiting_customer", ["waiting"]), ("status=resolved", ["resolved"]), ("tipo=usability_question", ["question"]),
        ("criado_por=bruno@aurora.example", ["question", "waiting"]), ("q=relat%C3%B3rio", ["question", "late"]),
        ("q=RELATORIO+exporta", ["late"]), ("q=relatroio+exporta", ["late"]), ("q=PC-1002", ["waiting"]), ("q=1002", ["waiting"]),
        ("q=geladeira", []), ("q=alinhamento", ["resolved"]), ("q=nada+disso", []), ("q=%25", []),
        ("status=open&tipo=report_error&criado_por=ana@aurora.example&q=branco", ["running"]),
        ("status=inventado&tipo=%3Cb%3E&depois=nada", ["running", "question", "resolved", "waiting", "late"]),
    ],
)  # fmt: skip
async def test_a_list_is_narrowed_by_filters_number_and_words(at, numbers, query, found):
    names = {number: name for name, number in numbers.items()}
    assert {names[n] for n in listed(await at(BRUNO).page(f"/chamados/todos?{query}"))} == set(found)


async def test_filters_stay_in_the_form_are_named_and_can_be_left_out_one_by_one(at, numbers):
    html = await at(BRUNO).page("/chamados/todos?status=open&q=relatorio&criado_por=ana@aurora.example")
    assert 'value="relatorio"' in html and 'value="open" selected' in html
    active = re.search(r'<ul class="active".*?</ul>', html, re.DOTALL)[0]
    assert "Status: Em atendimento" in words_of(active) and "Criado por: Ana Prado" in words_of(active)
    assert 'href="/chamados/todos?q=relatorio&amp;criado_por=ana%40aurora.example"' in active
    assert 'href="/chamados/todos"' in active


async def test_a_list_says_what_to_do_when_nothing_is_in_it(at):
    browser = at(ANA)
    empty, narrowed = await browser.page("/chamados"), await browser.page("/chamados?q=nada")
    assert "Você ainda não abriu chamados" in empty and 'href="/"' in empty and "Filtrar" not in empty
    assert "Filtrar" in narrowed
    assert "Nenhum chamado com esses filtros" in narrowed and "Remova um dos filtros" in narrowed


async def test_pages_lead_through_all_tickets_and_keep_the_filters(at, assembly):
    given = [file_ticket(assembly, ANA, f"r{n}", what=f"pão número {n}").number for n in range(45)][::-1]
    browser, seen, path = at(ANA), [], "/chamados?q=p%C3%A3o"
    while path:
        html = await browser.page(path)
        seen += listed(html)
        following = re.search(r'href="([^"]+)" rel="next"', html)
        path = unescape(following[1]) if following else None
        assert path is None or "q=p%C3%A3o" in path
    assert seen == given


async def test_deadlines_are_told_in_words_and_late_ones_not_by_colour_alone(at, numbers, clock):
    html = words_of(await at(BRUNO).page("/chamados/todos"))
    assert "Atrasado: o prazo era" in html and "Parado: aguarda sua resposta" in html and "Sem prazo" in html
    assert re.search(r"Diagnóstico (Hoje|Amanhã|[A-Z]\w+-feira).* até \d+h", html)


async def test_what_customers_write_is_text_on_every_page(at, assembly):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    eve = Person(evil, "eva@aurora.example", ANA.company)
    number = file_ticket(assembly, eve, "mal", what=evil, subject=evil, who=evil, contact=evil).number
    assembly.handling.reply(
        number, as_requester(eve), Said(f"{evil} javascript:alert(1) http://x.example/'><b>", "k", "web")
    )
    browser = at(eve)
    for path in ("/chamados", "/chamados/todos", f"/chamados/{number}", "/chamados/todos?q=%3Cscript%3Ealert(1)"):
        html = await browser.page(path)
        assert (
            "<script>alert" not in html
            and "<img src=x" not in html
            and 'href="javascript' not in html
            and "<b>" not in html
        )


# Others' tickets


@pytest.mark.parametrize("person", [ANA, BRUNO, NOBODY])
@pytest.mark.parametrize("act", ["", "/responder", "/reabrir", "/seguir", "/deixar-de-seguir", "/confirmar"])
async def test_a_ticket_of_another_company_is_answered_like_one_that_nobody_has(at, numbers, person, act, count):
    browser = at(person)
    call = (lambda path: browser.post(path, text="oi", key="a" * 32)) if act else browser.get
    hidden, missing = await call(f"/chamados/{numbers['stranger']}{act}"), await call(f"/chamados/PC-9999{act}")
    assert hidden.status_code == missing.status_code == 404
    assert without_tokens(hidden.text) == without_tokens(missing.text)
    assert count(ticket_messages, ticket_messages.c.text == "oi") == count(subscriptions) == 0


def without_tokens(html):
    return re.sub(r'data-token="[^"]+"', "", html)


@pytest.mark.parametrize("query", ["", "?q=segredo", "?q=PC-1006", "?criado_por=carla@bancosul.example", "?q=%25", "?status=open",
                                   "?depois=PC-1007", "?depois=PC-9999"])  # fmt: skip
async def test_no_list_search_or_filter_shows_another_companys_ticket(at, numbers, query):
    for path in ("/chamados", "/chamados/todos"):
        html = await at(ANA).page(path + query)
        assert SECRET_WORDS not in html and numbers["stranger"] not in listed(html) and "Carla" not in html


async def test_a_page_after_another_companys_number_is_that_after_nobodys(at, numbers):
    for number in (numbers["stranger"], "PC-9999"):  # the stranger's is the newest of all
        assert listed(await at(ANA).page(f"/chamados/todos?depois={number}")) == []


@pytest.mark.parametrize("number", ["nada", "PC-", "PC-1%00", "PC-<b>", "pc-99999999999", "PC-9999"])
async def test_what_is_no_number_is_no_ticket(at, number):
    assert (await at(ANA).get(f"/chamados/{number}")).status_code == 404


async def test_a_number_may_be_written_in_small_letters(at, numbers):
    response = await at(ANA).get(f"/chamados/{numbers['late'].lower()}")
    assert (response.status_code, response.headers["location"]) == (303, f"/chamados/{numbers['late']}")


async def test_attachments_open_for_those_who_see_the_ticket_and_for_nobody_else(at, assembly, numbers):
    file = assembly.tickets.by_number(numbers["late"]).attachments[0]
    for path in (f"/api/attachments/{file.id}", f"/api/attachments/{file.id}/thumbnail"):
        for person in (ANA, BRUNO, DAVI):
            response = await at(person).get(path)
            assert response.status_code == 200 and response.headers["x-content-type-options"] == "nosniff"
        for person in (CARLA, NOBODY, None):
            assert (await at(person).get(path)).status_code == 404


async def test_my_older_tickets_of_no_company_stay_mine_and_are_not_my_companys(at, assembly):
    alone = Person(ANA.name, ANA.email, None)
    number = file_ticket(assembly, alone, "antes", what="de antes").number
    assert listed(await at(ANA).page("/chamados")) == [number]
    assert (await at(BRUNO).get(f"/chamados/{number}")).status_code == 404


# A ticket


async def test_a_ticket_tells_all_that_is_known_of_it(at, numbers):
    html = await at(ANA).page(f"/chamados/{numbers['late']}")
    for said in ("Relatório de atendimentos não exporta", "tempo esgotado", "A equipe de gestão, 12 pessoas", "botão Exportar",
                 "Desde ontem de manhã", "A diretoria está sem os números", "(11) 5555-0100", "Omni CRM / Chat", "Erros ou Incidentes",
                 "Lojas Aurora", "erro ao exportar.png", "São 30 dias"):  # fmt: skip
        assert said in html, said


async def test_the_timeline_is_told_in_words_and_without_keys_of_ours(at, numbers):
    html = await at(ANA).page(f"/chamados/{numbers['late']}")
    told = words_of(html[html.index('class="timeline"') : html.index("Enviar resposta")])
    for said in ("Você abriu o chamado", "Prazos contados a partir daqui", "Davi Melo respondeu", "Você respondeu por e-mail",
                 "Davi Melo mudou a severidade", "De 3 para 2. Motivo: O fechamento do mês depende", "Novos prazos",
                 "Diagnóstico: concluído"):  # fmt: skip
        assert said in told, said
    assert not re.search(r"severity|clock|replied|opened|diagnosis|solution|retarget|_", told)


async def test_a_pause_and_its_end_are_told(at, assembly, numbers):
    assembly.handling.reply(numbers["waiting"], as_requester(BRUNO), Said("Segue o print.", "k-1", "portal"))
    told = words_of(await at(ANA).page(f"/chamados/{numbers['waiting']}"))
    assert "Davi Melo pediu uma informação" in told and "Bruno Reis respondeu" in told
    assert "Os prazos de diagnóstico e solução pararam até a sua resposta" in told
    assert "Os prazos de diagnóstico e solução voltaram a contar" in told


async def test_what_the_desk_tells_itself_is_not_told_to_customers(at, assembly, numbers):
    with assembly.database.write() as connection:
        id = connection.execute(select(tickets.c.id).where(tickets.c.number == numbers["late"])).scalar_one()
        for kind, body in (("told", {"way": "email"}), ("sla_warning", {}), ("file_refused", {"name": "virus.exe", "reason": "Não aceito."}), ("novidade", {})):  # fmt: skip
            connection.execute(insert(ticket_events).values(ticket_id=id, kind=kind, at=assembly.now(), body=body))
    told = words_of(await at(ANA).page(f"/chamados/{numbers['late']}"))
    assert "Um arquivo não foi aceito" in told and "virus.exe: Não aceito." in told
    assert told.count("O chamado foi atualizado") == 1 and "novidade" not in told


# Answers


async def test_an_answer_with_files_is_kept_and_heard_of(at, assembly, numbers, count):
    browser, path = at(BRUNO), f"/chamados/{numbers['late']}"
    files = [("files", ("tela.png", picture(), "image/png")), ("files", ("log.txt", b"erro 500", "text/plain"))]
    response = await browser.post(
        f"{path}/responder", files=files, text="Também comigo.\r\nVeja.", **form_of(await browser.page(path))
    )
    assert (response.status_code, response.headers["location"]) == (303, f"{path}?feito=resposta#feito")
    ticket = assembly.tickets.by_number(numbers["late"])
    message = ticket.messages[-1]
    assert (message.text, message.actor, message.channel) == ("Também comigo.\nVeja.", BRUNO.email, "portal")
    assert [file.name for file in ticket.attachments if file.message == message.id] == ["tela.png", "log.txt"]
    assert count(outbox, outbox.c.kind == "ticket_reply", outbox.c.recipient == ANA.email) >= 1
    html = await browser.page(f"{path}?feito=resposta")
    assert "Sua resposta foi enviada." in html and "Você respondeu" in html


async def test_an_answer_to_a_question_sets_the_clocks_going(at, assembly, numbers):
    browser, path = at(BRUNO), f"/chamados/{numbers['waiting']}"
    html = await browser.page(path)
    assert "O suporte espera sua resposta" in html
    await browser.post(f"{path}/responder", text="Segue.", **form_of(html))
    assert assembly.tickets.by_number(numbers["waiting"]).status is Status.OPEN


async def test_the_same_form_sent_twice_is_one_message_and_leaves_no_files_behind(at, assembly, numbers, count):
    browser, path = at(ANA), f"/chamados/{numbers['late']}"
    form = form_of(await browser.page(path))
    before = count(ticket_messages)
    for _ in range(3):
        files = [("files", ("tela.png", picture(), "image/png"))]
        assert (await browser.post(f"{path}/responder", files=files, text="Oi", **form)).status_code == 303
    assert count(ticket_messages) == before + 1
    assert count(attachments, attachments.c.ticket_id.is_(None)) == 0


async def test_two_people_with_the_same_key_say_two_things(at, numbers, count):
    before = count(ticket_messages)
    for person in (ANA, BRUNO):
        await at(person).post(f"/chamados/{numbers['late']}/responder", text=person.name, key="a" * 32)
    assert count(ticket_messages) == before + 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("pagina.png", b"<html><script>alert(1)</script>", "Não aceito"), ("vazio.png", b"", "vazio"), ("x.svg", b"<svg/>", "Não aceito"),
     ("grande.txt", b"x" * 200_001, "limite")],
)  # fmt: skip
async def test_a_file_that_is_not_taken_says_why_and_the_words_stay(at, numbers, count, name, content, reason):
    browser, path = at(ANA), f"/chamados/{numbers['late']}"
    before = count(ticket_messages), count(attachments)
    files = [("files", ("boa.png", picture(), "image/png")), ("files", (name, content, "image/png"))]
    response = await browser.post(
        f"{path}/responder", files=files, text="Minhas palavras", **form_of(await browser.page(path))
    )
    assert response.status_code in (413, 415, 422)
    assert (
        reason in response.text
        and "Minhas palavras" in response.text
        and "Escolha os arquivos de novo" in response.text
    )
    assert (count(ticket_messages), count(attachments)) == before


async def test_an_answer_without_words_and_files_asks_for_some(at, numbers, count):
    browser, path = at(ANA), f"/chamados/{numbers['late']}"
    before = count(ticket_messages)
    response = await browser.post(f"{path}/responder", text="  \n", **form_of(await browser.page(path)))
    assert response.status_code == 422 and "Escreva a mensagem" in response.text and count(ticket_messages) == before


async def test_files_alone_are_an_answer(at, assembly, numbers):
    browser, path = at(ANA), f"/chamados/{numbers['late']}"
    files = [("files", ("tela.png", picture(), "image/png"))]
    assert (
        await browser.post(f"{path}/responder", files=files, **form_of(await browser.page(path)))
    ).status_code == 303
    assert "tela.png" in [file.name for file in assembly.tickets.by_number(numbers["late"]).attachments]


async def test_too_many_files_are_refused_before_any_is_kept(at, numbers, count):
    before = count(attachments)
    files = [("files", (f"{n}.png", picture(), "image/png")) for n in range(4)]
    response = await at(ANA).post(f"/chamados/{numbers['late']}/responder", files=files, text="Oi", key="a" * 32)
    assert response.status_code == 422 and "até 3 arquivos" in response.text and count(attachments) == before


async def test_files_on_the_ticket_count_with_those_of_a_reply(at, assembly, numbers, count):
    """The late ticket was filed with one, and three is the limit."""
    browser, path = at(ANA), f"/chamados/{numbers['late']}"
    for kept, status in (([0, 1], 303), ([2], 422)):
        before = count(attachments)
        files = [("files", (f"{n}.png", picture(), "image/png")) for n in kept]
        form = form_of(await browser.page(path))
        response = await browser.post(f"{path}/responder", files=files, text=f"Com {kept}", **form)
        assert response.status_code == status
    assert "até 3 anexos" in response.text and "Com [2]" in response.text and count(attachments) == before
    assert len(assembly.tickets.by_number(numbers["late"]).attachments) == 3


async def test_more_than_the_gateway_reads_is_refused_with_a_page(at, numbers):
    files = [("files", ("a.txt", b"x" * 400_000, "text/plain"))]
    response = await at(ANA).post(f"/chamados/{numbers['late']}/responder", files=files, text="Oi", key="a" * 32)
    assert response.status_code == 413 and "<html" in response.text and "Reduza" in response.text


@pytest.mark.parametrize("key", ["", "curta", "g" * 32, "a" * 33])
async def test_a_form_without_its_key_is_refused(at, numbers, count, key):
    before = count(ticket_messages)
    response = await at(ANA).post(f"/chamados/{numbers['late']}/responder", text="Oi", key=key)
    assert response.status_code == 422 and count(ticket_messages) == before


# Reopening


async def test_a_ticket_is_reopened_within_the_limit_and_by_two_clicks_once(at, assembly, numbers, count):
    browser, path = at(ANA), f"/chamados/{numbers['resolved']}"
    html = await browser.page(path)
    assert "Reabrir chamado" in html and "Enviar resposta" not in html
    before = count(ticket_messages)
    for _ in range(2):
        response = await browser.post(f"{path}/reabrir", text="Voltou a acontecer.", **form_of(html))
        assert (response.status_code, response.headers["location"]) == (303, f"{path}?feito=reaberto#feito")
    assert (
        assembly.tickets.by_number(numbers["resolved"]).status is Status.OPEN and count(ticket_messages) == before + 1
    )
    assert "O prazo de solução voltou a contar" in words_of(await browser.page(path))


async def test_after_the_limit_there_is_no_reopening(at, assembly, numbers, clock):
    clock.advance(days=7, seconds=1)
    browser, path = at(ANA), f"/chamados/{numbers['resolved']}"
    html = await browser.page(path)
    assert "Reabrir chamado" not in html and "abra um novo chamado" in html
    response = await browser.post(f"{path}/reabrir", text="Voltou", key="a" * 32)
    assert response.status_code == 422 and "prazo para reabrir" in response.text
    assert assembly.tickets.by_number(numbers["resolved"]).status is Status.RESOLVED


# Following


async def test_a_colleague_follows_a_ticket_and_stops(at, assembly, numbers, count):
    browser, path = at(BRUNO), f"/chamados/{numbers['late']}"
    assert "Seguir por e-mail" in await browser.page(path)
    for _ in range(2):
        assert (await browser.post(f"{path}/seguir")).status_code == 303
    assembly.handling.reply(numbers["late"], SUPPORT, Said("Mais uma coisa.", "k-9", "console"))
    assert count(outbox, outbox.c.recipient == BRUNO.email, outbox.c.kind == "ticket_reply") == 1
    assert "Deixar de seguir" in await browser.page(path)
    await browser.post(f"{path}/deixar-de-seguir")
    assert count(subscriptions) == 0


async def test_whoever_filed_a_ticket_need_not_follow_it(at, numbers):
    assert "Seguir por e-mail" not in await at(ANA).page(f"/chamados/{numbers['late']}")


# Tickets filed under an address that was only typed


@pytest.fixture
def typed(assembly, clock):
    """A ticket that somebody filed under Ana's address without proving it."""
    assembly.inbox.open("anonima-1", "web", None)
    draft = TicketDraft("rascunho-x", product="OMNI", module="CHAT", type="report_error", what="Nada abre")
    who = visitor("anonima-1", claimed=ANA.email)
    return assembly.tickets.file(Filing(draft, who, "Nada abre", None, None, None, None, None, {}, clock())).number


async def test_a_ticket_under_my_address_is_shown_once_i_say_that_it_is_mine(at, typed):
    browser = at(ANA)
    page = await browser.page(f"/chamados/{typed}")
    assert "Foi você que abriu" in page and "Andamento" not in page
    assert "Foi você que abriu?" in await browser.page("/chamados")
    response = await browser.post(f"/chamados/{typed}/confirmar")
    assert response.headers["location"] == f"/chamados/{typed}?feito=confirmado#feito"
    assert "Você confirmou que abriu o chamado" in words_of(await browser.page(f"/chamados/{typed}"))
    assert listed(await browser.page("/chamados")) == [typed]


async def test_a_ticket_that_was_confirmed_is_the_companys(at, typed):
    assert (await at(BRUNO).get(f"/chamados/{typed}")).status_code == 404
    await at(ANA).post(f"/chamados/{typed}/confirmar")
    assert (await at(BRUNO).get(f"/chamados/{typed}")).status_code == 200


@pytest.mark.parametrize("person", [BRUNO, CARLA])
async def test_nobody_confirms_a_ticket_under_anothers_address(at, typed, person, assembly):
    assert (await at(person).post(f"/chamados/{typed}/confirmar")).status_code == 404
    assert assembly.claims.find(typed, ANA.email)


# Not signed in


@pytest.mark.parametrize("path", ["/chamados", "/chamados/todos", "/chamados/PC-1001", "/chamados/PC-9999"])
async def test_pages_of_tickets_lead_to_signing_in(at, numbers, path):
    response = await at().get(path)
    assert response.status_code == 303 and response.headers["location"].startswith("/entrar?next=%2Fchamados")


async def test_deadlines_of_a_contract_by_day_and_night_count_all_hours(at, assembly):
    row = assembly.data.matrix.rows[0]
    calendar = assembly.data.contracts.calendar(ALWAYS)
    promised = Terms(timedelta(hours=1), timedelta(hours=4), calendar, ALWAYS, True)
    ticket = file_ticket(assembly, ANA, "noite")
    ticket = replace(ticket, clock_events=started(row.severity, promised, assembly.local_now()))
    words = TicketWords(ticket, assembly.data.catalog, assembly.data.contracts, assembly.local_now())
    assert [one.target for one in words.deadlines] == ["1 hora corrida", "4 horas corridas"]
