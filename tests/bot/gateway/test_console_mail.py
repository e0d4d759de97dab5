"""Held mail at the console: who may look, what is shown of a mail that nobody vouches for, and deciding once."""

import re
from dataclasses import replace

import pytest

from bot.store.mail_store import MailState
from tests.bot.channels.mails import mail
from tests.bot.filings import filing
from tests.bot.people import ANA, DAVI, as_requester
from tests.bot.tickets.samples import SAMPLES

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'
EVA = "eva@fora.example"


@pytest.fixture
def number(assembly):
    assembly.inbox.open("conversa-ana", "web", ANA.email)
    return assembly.tickets.file(filing(as_requester(ANA, "conversa-ana"))).number


@pytest.fixture
def keep(assembly):
    """Takes a mail in and has it sorted; gives its row."""

    def keep(message):
        raw = message if isinstance(message, bytes) else message.as_bytes()
        assembly.clerk.keep(raw, len(raw))
        assembly.clerk.work()
        return assembly.mails.listed(tuple(MailState))[0]

    return keep


@pytest.fixture
def held(assembly, keep, number):
    """Of a stranger, to the signed address of Ana's ticket, with a file that is accepted and one that is not."""
    letter = mail(f"Oi, {EVIL}", **{"from": f"Eva {EVIL} <{EVA}>", "to": assembly.marks.reply_to(number)})
    letter["Subject"] = f"Sobre {EVIL}"
    letter.add_attachment(SAMPLES["png"], maintype="image", subtype="png", filename="print da tela.png")
    letter.add_attachment(b"MZ nada", maintype="application", subtype="octet-stream", filename="fatura.exe")
    kept = keep(letter)
    assert kept.state is MailState.QUARANTINED and kept.number == number
    return kept


def here(kept):
    return f"/console/emails/{kept.id}"


async def test_what_waits_is_listed_and_counted_on_every_page_of_the_console(davi, held):
    listed = await davi.page("/console/emails")
    assert EVA in listed and "remetente desconhecido neste chamado" in listed and held.number in listed
    for path in ("/console", "/console/emails", here(held), f"/console/chamados/{held.number}"):
        assert '<b class="mark">1<span' in await davi.page(path), path


async def test_without_any_the_navigation_counts_nothing_and_the_list_says_so(davi):
    page = await davi.page("/console/emails")
    assert 'class="mark"' not in page and "Nada espera por você" in page


async def test_a_mail_is_shown_as_text_and_never_as_a_page(davi, held):
    for path in ("/console/emails", here(held)):
        page = await davi.page(path)
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "Oi, &lt;script&gt;" in page and "print da tela.png" in page and "Cliente" not in page


async def test_an_html_mail_is_shown_by_its_words(davi, keep, number):
    letter = mail(subject="Página", **{"from": EVA})
    letter.set_content(f"<p>Olá</p>{EVIL}<style>p {{}}</style><p>tchau</p>", subtype="html")
    page = await davi.page(here(keep(letter)))
    assert re.search(r'class="letter">Olá\s+tchau<', page), page


async def test_a_file_is_saved_and_never_opened_and_one_of_a_refused_kind_is_not_given(davi, held):
    response = await davi.get(f"{here(held)}/anexos/0")
    assert response.content == SAMPLES["png"] and response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (await davi.get(f"{here(held)}/anexos/1")).status_code == 415
    assert (await davi.get(f"{here(held)}/anexos/2")).status_code == 404


async def test_the_original_comes_as_it_came(davi, assembly, held):
    response = await davi.get(f"{here(held)}/original")
    assert response.content == assembly.mails.raw(held)
    assert response.headers["content-disposition"].startswith("attachment;")


async def test_a_mail_released_goes_onto_its_ticket_and_tells_who_decided(davi, assembly, held):
    response = await davi.post(f"{here(held)}/liberar", chamado=held.number.lower())
    assert response.status_code == 303
    assert "entra no chamado em instantes" in await davi.page(response.headers["location"])
    assembly.clerk.work()
    (message,) = assembly.tickets.by_number(held.number).messages
    assert message.actor == EVA and message.text.startswith("Oi, <script>")
    found = assembly.mails.find(held.id)
    assert (found.decided_by, found.decided_at, found.state) == (DAVI.email, assembly.now(), MailState.ADDED)
    assert EVA in await davi.page("/console/emails?decididos=1")
    assert EVA not in await davi.page("/console/emails")


async def test_a_mail_without_a_ticket_is_released_onto_the_one_that_is_named(davi, assembly, keep, number):
    kept = keep(mail("Meu computador parou.", **{"from": EVA}))
    assert kept.number is None
    refused = await davi.post(f"{here(kept)}/liberar", chamado="PC-9")
    assert refused.status_code == 422 and 'role="alert"' in refused.text and 'value="PC-9"' in refused.text
    await davi.post(f"{here(kept)}/liberar", chamado=number)
    assembly.clerk.work()
    assert [m.text for m in assembly.tickets.by_number(number).messages] == ["Meu computador parou."]


async def test_a_mail_discarded_goes_nowhere_and_stays_on_record(davi, assembly, held):
    assert (await davi.post(f"{here(held)}/descartar")).status_code == 303
    assembly.clerk.work()
    assert assembly.tickets.by_number(held.number).messages == ()
    assert "decidido" in await davi.page("/console/emails?decididos=1")
    page = await davi.page(here(held))
    assert "por você" in page and "/descartar" not in page and "tentar-de-novo" not in page


async def test_a_mail_discarded_is_released_later_and_the_page_tells_of_both_decisions(davi, at, assembly, held):
    assert "Nenhum e-mail descartado" in await davi.page("/console/emails?descartados=1")
    await davi.post(f"{here(held)}/descartar")
    assert EVA in await davi.page("/console/emails?descartados=1")
    eva = at(replace(DAVI, email="eva@suporte.example"))
    page = await eva.page(here(held))
    assert "Voltar atrás" in page and 'name="descartado"' in page
    assert (await eva.post(f"{here(held)}/liberar", chamado=held.number, descartado="true")).status_code == 303
    assembly.clerk.work()
    assert [message.actor for message in assembly.tickets.by_number(held.number).messages] == [EVA]
    assert EVA not in await davi.page("/console/emails?descartados=1")
    page = await davi.page(here(held))
    assert re.search(r"Descartado .*? por você.*?Liberado .*? por eva@suporte\.example", page, re.DOTALL)


async def test_a_mail_that_was_erased_is_not_taken_back(davi, assembly, held):
    await davi.post(f"{here(held)}/descartar")
    await assembly.privacy.erase(EVA)
    assert "Nenhum e-mail descartado" in await davi.page("/console/emails?descartados=1")
    assert "/liberar" not in await davi.page(here(held))
    again = await davi.post(f"{here(held)}/liberar", chamado=held.number, descartado="true")
    assert again.status_code == 409


async def test_of_two_who_decide_the_second_is_told_that_it_is_decided(davi, assembly, held):
    await davi.post(f"{here(held)}/descartar")
    again = await davi.post(f"{here(held)}/liberar", chamado=held.number)
    assert again.status_code == 409 and "já foi decidido (descartado)" in again.text
    assembly.clerk.work()
    assert assembly.tickets.by_number(held.number).messages == ()


async def test_a_mail_that_cannot_be_opened_is_told_of_and_tried_again(davi, assembly, held, clock, monkeypatch):
    monkeypatch.setattr("bot.mailroom.held.read_mail", lambda _: 1 / 0)
    page = await davi.page(here(held))
    assert "não pôde ser aberto" in page and "/original" in page and "tentar-de-novo" not in page
    assembly.mails.settle(held, MailState.FAILED, "erro ao tratar: ValueError", held.number)
    assert "tentar-de-novo" in await davi.page(here(held))
    await davi.post(f"{here(held)}/tentar-de-novo")
    assert assembly.mails.find(held.id).state is MailState.KEPT


async def test_a_mail_whose_bytes_are_gone_breaks_no_page(davi, assembly, held):
    assembly.mails.path(held).unlink()
    assert "não pôde ser aberto" in await davi.page(here(held))
    assert (await davi.get(f"{here(held)}/original")).status_code == 404


PATHS = ("", "/1", "/1/original", "/1/anexos/0")
ACTS = ("liberar", "descartar", "tentar-de-novo")


@pytest.mark.parametrize("path", PATHS)
async def test_customers_see_no_held_mail_and_nobody_does_without_signing_in(at, held, path):
    assert (await at(ANA).get(f"/console/emails{path}")).status_code == 403
    led = await at().get(f"/console/emails{path}")
    assert led.status_code == 303 and led.headers["location"].startswith("/entrar")


@pytest.mark.parametrize("act", ACTS)
async def test_only_agents_decide_and_only_by_their_own_form(at, davi, assembly, held, act):
    assert (await at(ANA).post(f"{here(held)}/{act}", chamado=held.number)).status_code == 403
    assert (await at().post(f"{here(held)}/{act}", chamado=held.number)).status_code in (303, 401)
    davi.token = "de outra visita"
    assert (await davi.post(f"{here(held)}/{act}", chamado=held.number)).status_code == 403
    assert assembly.mails.find(held.id) == held


@pytest.mark.parametrize("id", ["99", "0", "9" * 30, "x", "1.5", "-1"])
async def test_what_is_no_mail_is_not_found(davi, id):
    assert (await davi.get(f"/console/emails/{id}")).status_code == 404
    assert (await davi.post(f"/console/emails/{id}/descartar")).status_code == 404


async def test_a_number_that_no_database_takes_is_refused(davi, held):
    assert (await davi.post(f"{here(held)}/liberar", chamado="PC-1\0")).status_code == 422
    assert (await davi.post(f"{here(held)}/liberar", chamado="P" * 21)).status_code == 422
