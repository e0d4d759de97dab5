"""WhatsApp from the webhook to the message that leaves; the Graph API is a real server on loopback."""

import asyncio
import json
import sys

import httpx
import pytest

from bot.conversation import whatsapp_wording as wording
from bot.conversation.message import BotMessage, Choice
from bot.conversation.wording import UNAVAILABLE
from bot.errors import DeliveryError
from bot.gateway.app import create_app, stand_on
from bot.sla.contracts import Contract, Contracts
from bot.store.inbox import add_bubbles
from bot.tickets.draft import Requester
from tests.bot.channels.payloads import NAMES, payload
from tests.bot.conversation.engine import reply
from tests.bot.filings import filing
from tests.bot.gateway.conftest import LIMIT, assert_refused, post, upload
from tests.bot.gateway.whatsapp import Phone, with_whatsapp
from tests.bot.people import ANA, DAVI
from tests.dialogue.test_dialogues import PNG
from tests.graph_api import VERIFY, Failure, GraphServer, contact, envelope, message, sign, status_envelope, text, value

YES, NO = Choice("Sim, resolveu", '/choose{"field": "article", "value": "yes"}'), Choice("Não", "/deny")


@pytest.fixture
def graph():
    with GraphServer() as server:
        yield server


@pytest.fixture
def settings():
    """Settings of WhatsApp beside those that it needs."""
    return {}


@pytest.fixture
async def phone(assembly, faces, graph, clock, settings):
    app = stand_on(with_whatsapp(assembly, graph, **settings), faces)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield Phone(app, assembly, graph, clock, client)
    await assembly.graph.close()


# --- the door -----------------------------------------------------------------------------------------------------


async def test_without_settings_the_door_is_not_there(as_):
    for response in (await as_().get("/webhooks/whatsapp"), await as_().post("/webhooks/whatsapp", content=b"{}")):
        assert "não está configurado" in assert_refused(response, 404)["detail"]


def asked(token=VERIFY, mode="subscribe"):
    return {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201444"}


async def test_the_challenge_is_repeated_to_whom_knows_the_word(phone):
    response = await phone.client.get("/webhooks/whatsapp", params=asked())
    assert (response.status_code, response.text) == (200, "1158201444")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("params", [asked(token="outra"), asked(token=""), asked(mode="unsubscribe"), {}])
async def test_the_challenge_is_refused_to_anybody_else(phone, params):
    response = await phone.client.get("/webhooks/whatsapp", params=params)
    assert_refused(response, 403, "1158201444")


@pytest.mark.parametrize(
    "signature", [None, "sha256=00", sign(b"outro corpo"), "x" * 5_000, sign(b"{}", "outro segredo")]
)
async def test_what_is_not_signed_by_meta_is_refused_and_not_kept(phone, signature):
    assert_refused(await phone.post(b"{}", signature), 401)
    assert phone.rows("whatsapp_envelopes") == []


async def test_the_signature_is_over_the_bytes_as_they_came(phone):
    spaced = json.dumps(payload("text"), indent=3).encode()
    assert (await phone.post(spaced)).status_code == 200
    assert phone.rows("whatsapp_envelopes")[0]["body"] == spaced


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b'{"entry": 7}', b"[" * 5_000])
async def test_signed_nonsense_is_taken_kept_and_answers_nobody(phone, body):
    assert (await phone.post(body)).status_code == 200
    await phone.handle()
    assert phone.rows("whatsapp_updates") == []


@pytest.mark.parametrize("name", NAMES)
async def test_every_recorded_shape_is_handled(phone, name):
    phone.graph.files["1037543291543636"] = (PNG, "image/png")
    await phone.post(payload(name))
    await phone.handle()
    counts = phone.assembly.whatsapp_inbox.counts()
    assert counts["received"] == counts["handled"] > 0, phone.rows("whatsapp_updates")


# --- in -----------------------------------------------------------------------------------------------------------


async def test_a_message_is_answered_on_the_phone(phone):
    assert await phone.say("oi") == ["ouvi: oi"]


async def test_the_message_is_marked_as_read_and_typing_is_shown(phone):
    wamid = await phone.arrive("oi")
    assert phone.graph.read == [wamid]


async def test_a_typing_sign_that_fails_stops_nothing(phone):
    phone.graph.__exit__()
    await phone.arrive("oi")
    await phone.fall_silent()
    assert phone.assembly.inbox.pushed_after(phone.conversation, 0)


async def test_what_is_typed_in_pieces_is_one_turn(phone, engine):
    await phone.arrive("o relatório")
    phone.clock.advance(seconds=1)
    await phone.arrive("de vendas")
    assert await phone.answers() == ["ouvi: o relatório\nde vendas"]
    assert len(engine.played) == 1


async def test_nothing_is_answered_before_the_silence(phone):
    await phone.arrive("o relatório")
    await phone.assembly.turns.finish_waiting()
    assert phone.rows("outbound") == []


async def test_the_same_message_again_in_whatever_envelope_has_no_effect(phone, engine):
    wamid = await phone.arrive("oi")
    await phone.answers()
    await phone.arrive("oi", id=wamid)
    assert await phone.answers() == []
    assert len(engine.played) == 1


async def test_a_batch_is_handled_whole_and_in_order_per_person(phone, engine):
    await phone.post(payload("batch"))
    await phone.handle()
    await phone.answers()
    assert sorted(engine.heard) == ["de outra pessoa", "primeira\nsegunda\nterceira"]


async def test_a_button_comes_back_by_its_id_and_not_by_its_title(phone, engine):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    await phone.press("Sim, resolveu")
    assert engine.heard[-1] == YES.value


async def touch(phone, title, shown=None):
    """Touches an option whose title the phone shows as `shown`; gives nothing."""
    kind, id = phone.graph.taken[-1].options[title]
    reply_ = {"type": kind, kind: {"id": id, "title": shown or title}}
    await phone.arrive({"type": "interactive", "interactive": reply_})


async def test_the_title_that_comes_back_does_not_count(phone, engine):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    await touch(phone, "Sim, resolveu", shown="Não")
    assert engine.heard[-1] == YES.value


async def test_a_death_after_a_touch_was_carried_out_has_no_effect(phone, assembly, engine, monkeypatch):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    monkeypatch.setattr(assembly.whatsapp_inbox, "handled", died)
    await touch(phone, "Sim, resolveu")
    monkeypatch.undo()
    phone.clock.advance(minutes=1)
    await phone.handle()
    assert await phone.answers() == [f"ouvi: {YES.value}"]
    assert engine.heard == ["ajuda", YES.value] and not engine.repeated


async def test_a_touch_is_answered_at_once(phone, engine):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    await touch(phone, "Não")
    assert engine.heard[-1] == "/deny"


async def test_what_was_typed_before_a_touch_is_played_before_it(phone, engine):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    await phone.arrive("espera")
    await touch(phone, "Não")
    assert engine.heard[-2:] == ["espera", "/deny"]


async def test_an_option_that_is_no_longer_offered_is_told_and_not_carried_out(phone, engine):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    await phone.say("outra coisa")
    assert await phone.press("Sim, resolveu") == [wording.OLD_CHOICE]
    assert YES.value not in engine.heard


async def test_a_payload_typed_as_text_is_only_text(phone, engine):
    engine.script["ajuda"] = reply("Isso resolve?", YES, NO, asking="article")
    await phone.say("ajuda")
    await phone.say(YES.value)
    assert engine.played[-1].payload is None


@pytest.mark.parametrize(("said", "place"), [("12", 11), ("a terceira", 2), ("opção 1", 0)])
async def test_a_number_points_at_an_option_of_a_numbered_text(phone, engine, said, place):
    many = [Choice(f"Campo {n}", f"/campo{n}") for n in range(12)]
    engine.script["mudar"] = reply("O que você quer mudar?", *many, asking="correction")
    await phone.say("mudar")
    await phone.say(said)
    assert engine.played[-1].payload == many[place].value


async def test_a_choice_whose_id_was_too_long_still_finds_its_way(phone, engine):
    long = Choice("Sim", "/choose" + "x" * 300)
    engine.script["ajuda"] = reply("Isso?", long)
    await phone.say("ajuda")
    await phone.press("Sim")
    assert engine.heard[-1] == long.value


@pytest.mark.parametrize("name", ["location", "contacts", "sticker", "reaction", "unsupported", "order"])
async def test_what_cannot_be_read_gets_an_honest_answer(phone, engine, name):
    (update,) = payload(name)["entry"][0]["changes"][0]["value"]["messages"]
    assert await phone.say({key: update[key] for key in update if key not in ("from", "id", "timestamp")}) == [
        wording.unreadable(name)
    ]
    assert engine.played == []


async def test_a_reaction_taken_back_is_nothing_to_answer(phone):
    assert await phone.say({"type": "reaction", "reaction": {"message_id": "wamid.X"}}) == []


async def test_a_human_who_took_over_sees_what_the_bot_cannot_read(phone, engine):
    engine.script["quero uma pessoa"] = reply("Passo você", outcome="handoff")
    await phone.say("quero uma pessoa")
    place = {"latitude": -23.5, "longitude": -46.6}
    assert await phone.say({"type": "location", "location": place}) == []
    assert phone.assembly.inbox.history(phone.conversation)[-1]["text"] == "[Localização: -23.5, -46.6]"


async def test_a_text_that_is_too_long_is_told(phone, engine):
    assert await phone.say("a" * 8_001) == [wording.TOO_LONG]
    assert engine.played == []


async def test_characters_that_no_database_keeps_are_left_out(phone, engine):
    assert await phone.say("a\0b\ud800c") == ["ouvi: abc"]


async def test_a_message_for_another_number_of_the_account_is_kept_and_answers_nobody(phone):
    other = value(contacts=[contact(phone.wa_id)], messages=[message(phone.wa_id, text("oi"))])
    other["metadata"]["phone_number_id"] = "999"
    await phone.post(envelope(other))
    await phone.handle()
    assert phone.assembly.whatsapp_inbox.counts()["failed"] == 1
    assert await phone.answers() == []


async def test_a_message_of_a_known_kind_without_content_is_kept_and_the_person_is_told(phone):
    assert await phone.say({"type": "text"}) == [wording.NOT_RECEIVED]
    assert phone.assembly.whatsapp_inbox.counts()["failed"] == 1


async def test_what_failed_is_answered_after_a_replay(phone, assembly):
    phone_id = assembly.settings.whatsapp_phone_id
    assembly.settings = assembly.settings.model_copy(update={"whatsapp_phone_id": "outro"})
    await phone.arrive("oi")
    assembly.settings = assembly.settings.model_copy(update={"whatsapp_phone_id": phone_id})
    assert assembly.whatsapp_inbox.replay() == 1
    await phone.handle()
    assert await phone.answers() == ["ouvi: oi"]


async def test_what_a_dead_process_left_is_handled_by_the_next(phone, assembly):
    await phone.post(payload("text"))
    phone.app = create_app(assembly)
    await phone.handle()
    assert await phone.answers() == ["ouvi: Bom dia, o relatório de vendas não exporta"]


async def test_a_death_between_keeping_and_noting_it_has_no_effect(phone, assembly, engine, monkeypatch):
    monkeypatch.setattr(assembly.whatsapp_inbox, "handled", died)
    await phone.arrive("oi")
    monkeypatch.undo()
    phone.clock.advance(minutes=1)
    await phone.handle()
    assert await phone.answers() == ["ouvi: oi"]
    assert len(engine.played) == 1


def died(*_, **__):
    raise OSError("died right here")


async def test_two_gateways_at_once_handle_each_message_once(phone, assembly, engine):
    await phone.post(payload("batch"))
    first, second = phone.app.state.whatsapp_updates, create_app(assembly).state.whatsapp_updates
    await first.look()
    await second.look()
    await first.settle()
    await second.settle()
    await phone.answers()
    assert sorted(engine.heard) == ["de outra pessoa", "primeira\nsegunda\nterceira"]


async def test_two_gateways_at_once_download_a_file_once(phone, assembly):
    media = phone.media("image", PNG, "image/png")
    await phone.post(envelope(value(contacts=[contact(phone.wa_id)], messages=[message(phone.wa_id, media)])))
    first, second = phone.app.state.whatsapp_updates, create_app(assembly).state.whatsapp_updates
    await asyncio.gather(first.look(), second.look())
    await asyncio.gather(first.settle(), second.settle())
    assert len(phone.rows("attachments")) == 1


async def test_an_outage_is_told_once_and_the_answer_comes_afterwards(phone, engine):
    engine.fail()
    assert await phone.say("oi") == [UNAVAILABLE]
    assert await phone.answers() == []
    engine.recover()
    phone.clock.advance(seconds=30)
    assert await phone.answers() == ["ouvi: oi"]


async def test_what_is_written_during_an_outage_keeps_its_order(phone, engine):
    engine.fail()
    await phone.say("primeira")
    await phone.say("segunda")
    engine.recover()
    phone.clock.advance(seconds=30)
    await phone.answers()
    assert engine.heard == ["primeira", "segunda"]


async def test_a_turn_carried_out_by_a_process_that_died_is_not_carried_out_again_with_what_came_later(phone, engine):
    await phone.arrive("primeira")
    engine.lose_replies()
    await phone.fall_silent()
    await phone.arrive("segunda")
    phone.clock.advance(seconds=30)
    await phone.answers()
    assert engine.heard == ["primeira", "segunda"] and engine.repeated


# --- files --------------------------------------------------------------------------------------------------------


async def test_a_picture_with_its_words_becomes_an_attachment_of_the_turn(phone, engine, assembly):
    await phone.say(phone.media("image", PNG, "image/png", caption="a tela"))
    (turn,) = engine.played
    (file,) = assembly.attachments.of_conversation(phone.conversation, turn.attachments)
    assert (turn.text, file.mime, file.size) == ("a tela", "image/png", len(PNG))


async def test_a_document_keeps_its_name(phone, engine, assembly):
    await phone.say(phone.media("document", b"linha 1\n", "text/plain", filename="../erro do dia.txt"))
    (file,) = assembly.attachments.of_conversation(phone.conversation, engine.played[0].attachments)
    assert file.name == "erro do dia.txt" and engine.played[0].payload == "/send_attachment"


@pytest.mark.parametrize(
    ("content", "mime", "name", "reason"),
    [
        (b"\x89PNG" + b"0" * LIMIT, "image/png", "grande.png", "passa do limite"),
        (b"<html><script>", "image/png", "tela.png", "Não aceito o arquivo tela.png"),
        (b"MZ\x90", "application/x-msdownload", "virus.exe", "Não aceito o arquivo virus.exe"),
        (b"", "text/plain", "vazio.txt", "está vazio"),
    ],
)
async def test_a_file_that_is_refused_is_told_to_the_person_and_to_the_ticket(
    phone, assembly, content, mime, name, reason
):
    (sentence,) = await phone.say(phone.media("document", content, mime, filename=name))
    assert reason in sentence
    ticket = assembly.tickets.file(filing(Requester(phone.conversation, "whatsapp")))
    (entry,) = [entry for entry in ticket.timeline if entry.kind == "file_refused"]
    assert entry.body["name"] == name and reason in entry.body["reason"]


async def test_a_file_refused_after_the_ticket_was_filed_is_told_to_that_ticket(phone, assembly):
    await phone.say("oi")
    number = assembly.tickets.file(filing(Requester(phone.conversation, "whatsapp"))).number
    await phone.say(phone.media("document", b"MZ", "application/x", filename="a.exe"))
    assert [entry.kind for entry in assembly.tickets.by_number(number).timeline] == ["opened", "file_refused"]


async def test_the_words_beside_a_refused_file_are_read_all_the_same(phone, engine):
    await phone.say(phone.media("document", b"MZ", "application/x", filename="a.exe", caption="trava tudo"))
    assert engine.heard == ["trava tudo"]


async def test_a_download_that_fails_is_tried_again_and_what_came_later_waits(phone, engine):
    picture = phone.media("image", PNG, "image/png", caption="a tela")
    saved = phone.graph.files.pop(picture["image"]["id"])
    phone.graph.files[picture["image"]["id"]] = (PNG, "image/png")
    broken, phone.assembly.graph.download = phone.assembly.graph.download, lost
    await phone.arrive(picture)
    await phone.arrive("e trava")
    assert await phone.answers() == [] and saved
    phone.assembly.graph.download = broken
    phone.clock.advance(seconds=10)
    await phone.handle()
    await phone.answers()
    assert engine.heard == ["a tela\ne trava"]


async def lost(*_):
    raise DeliveryError("rede", permanent=False)


async def test_a_file_whose_link_has_expired_is_asked_for_again(phone):
    gone = {"type": "image", "image": {"id": "000", "mime_type": "image/png"}}
    assert await phone.say(gone) == [wording.NOT_RECEIVED]
    assert phone.assembly.whatsapp_inbox.counts()["failed"] == 1


OGG = b"OggS\x00\x02" + b"\0" * 22 + b"\x01\x13OpusHead" + b"\0" * 40


async def test_an_audio_without_a_transcriber_is_attached_and_a_line_is_asked_for(phone, engine):
    said = await phone.say(phone.media("audio", OGG, "audio/ogg; codecs=opus"))
    assert said[0] == wording.AUDIO
    assert engine.played[0].attachments


class TestWithATranscriber:
    @pytest.fixture
    def settings(self, tmp_path):
        program = tmp_path / "transcriber.py"
        program.write_text("import sys; print('ouvi', len(open(sys.argv[1], 'rb').read()), 'bytes')")
        return {"whatsapp_transcriber": f"{sys.executable} {program}"}

    async def test_an_audio_is_read_as_what_it_says_and_attached_too(self, phone, engine):
        await phone.say(phone.media("audio", OGG, "audio/ogg; codecs=opus"))
        assert engine.heard == [f"ouvi {len(OGG)} bytes"] and engine.played[0].attachments


@pytest.mark.parametrize("command", ["false", "/nao/existe", "true"])
async def test_a_transcriber_that_hears_nothing_asks_for_a_line(phone, assembly, command):
    assembly.settings = assembly.settings.model_copy(update={"whatsapp_transcriber": command})
    assert (await phone.say(phone.media("audio", OGG, "audio/ogg")))[0] == wording.NOT_HEARD


# --- out ----------------------------------------------------------------------------------------------------------


async def test_whatever_is_said_later_reaches_the_phone_in_order(phone, assembly):
    await phone.say("oi")
    for n in range(3):
        assembly.inbox.say(phone.conversation, BotMessage(f"aviso {n}"), author="agent")
    assert await phone.answers() == ["aviso 0", "aviso 1", "aviso 2"]


async def test_a_conversation_of_the_web_goes_nowhere_by_whatsapp(phone, assembly, as_):
    await post(as_(ANA), text="oi")
    assembly.inbox.say("conversa-da-ana", BotMessage("aviso"))
    assert await phone.answers() == []


@pytest.mark.parametrize(("status", "code"), [(429, 130429), (400, 131056), (401, 190)])
async def test_an_error_that_passes_is_tried_again(phone, status, code):
    phone.graph.failures.append(Failure(status, code, times=1))
    assert await phone.say("oi") == []
    phone.clock.advance(seconds=31)
    assert await phone.answers() == ["ouvi: oi"]


@pytest.mark.parametrize(("status", "code"), [(503, 131016), (500, 131000)])
async def test_an_error_that_may_have_been_a_yes_is_tried_again_once_no_status_has_come(phone, status, code):
    phone.graph.failures.append(Failure(status, code, times=1))
    assert await phone.say("oi") == []
    phone.clock.advance(seconds=31)
    assert await phone.answers() == []
    phone.clock.advance(minutes=5)
    assert await phone.answers() == ["ouvi: oi"]


async def test_the_next_bubble_waits_for_the_one_before(phone, assembly):
    phone.graph.failures.append(Failure(429, 130429, times=1))
    await phone.say("oi")
    assembly.inbox.say(phone.conversation, BotMessage("aviso"))
    await assembly.whatsapp_deliverer.deliver_due()
    assert phone.graph.taken == []
    phone.clock.advance(seconds=31)
    assert await phone.answers() == ["ouvi: oi", "aviso"]


async def test_a_message_taken_without_an_answer_is_not_sent_again_once_its_status_has_come(phone):
    phone.graph.failures.append(Failure(0, 0, times=1, takes=True))
    assert await phone.say("oi") == ["ouvi: oi"]
    await phone.status("sent")
    assert phone.rows("outbox")[0]["sent_at"], "the next bubble need not wait for a second try"
    phone.clock.advance(minutes=5)
    assert await phone.answers() == []


@pytest.fixture
async def taken_without_an_answer(phone):
    """The network takes the answer to "oi" and hangs until we give up."""
    phone.assembly.graph._http.timeout = 0.1
    phone.graph.failures.append(Failure(0, 0, times=1, takes=True, hangs=1.0))
    assert await phone.say("oi") == ["ouvi: oi"]
    assert not phone.rows("outbox")[0]["sent_at"]


@pytest.mark.usefixtures("taken_without_an_answer")
class TestTakenWithoutAnAnswer:
    async def later(self, phone, seconds):
        phone.clock.advance(seconds=seconds - 2)
        return await phone.answers()

    async def test_it_is_not_sent_again_while_nothing_is_heard_of_the_network(self, phone):
        for seconds in (30, 30, 120, 90):
            assert await self.later(phone, seconds) == []
        await phone.status("sent")
        assert await self.later(phone, 600) == []
        assert len(phone.graph.taken) == 1 and phone.rows("outbox")[0]["sent_at"]

    async def test_waiting_for_a_status_is_no_failed_try(self, phone):
        for _ in range(20):
            assert await self.later(phone, 10) == []
        assert phone.rows("outbox")[0]["attempts"] == 1

    async def test_it_is_sent_again_when_the_network_speaks_and_tells_of_no_status(self, phone):
        assert await self.later(phone, 40) == []
        await phone.arrive({"type": "reaction", "reaction": {"message_id": "wamid.x"}})
        assert await self.later(phone, 10) == ["ouvi: oi"]

    async def test_it_is_not_sent_again_while_a_status_lies_unread(self, phone):
        phone.clock.advance(seconds=40)
        await phone.post(status_envelope(phone.graph.taken[0], "sent"))
        assert await self.later(phone, 60) == []
        await phone.handle()
        assert await self.later(phone, 600) == [] and len(phone.graph.taken) == 1

    async def test_what_was_heard_before_we_gave_up_says_nothing(self, phone):
        phone.clock.advance(seconds=10)
        await phone.arrive({"type": "reaction", "reaction": {"message_id": "wamid.x"}})
        assert await self.later(phone, 60) == []

    async def test_at_the_latest_after_five_minutes_it_is_sent_again(self, phone):
        assert await self.later(phone, 297) == []
        assert await self.later(phone, 10) == ["ouvi: oi"]
        assert len({taken.tracker for taken in phone.graph.taken}) == 1


async def test_a_deliverer_that_died_before_it_asked_the_network_loses_nothing(phone, assembly, monkeypatch):
    await phone.arrive("oi")
    await phone.fall_silent()
    monkeypatch.setattr(assembly.graph, "send", died)
    monkeypatch.setattr(assembly.whatsapp_deliverer, "_put_off", nothing)
    await assembly.whatsapp_deliverer.deliver_due()
    monkeypatch.undo()
    phone.clock.advance(seconds=60)
    assert await phone.answers() == []
    phone.clock.advance(minutes=5)
    assert await phone.answers() == ["ouvi: oi"]


async def test_a_deliverer_that_died_after_the_network_had_taken_the_message_sends_it_once(
    phone, assembly, monkeypatch
):
    await phone.arrive("oi")
    await phone.fall_silent()
    monkeypatch.setattr(assembly.whatsapp_sent, "taken", died)
    monkeypatch.setattr(assembly.whatsapp_deliverer, "_put_off", nothing)
    await assembly.whatsapp_deliverer.deliver_due()
    monkeypatch.undo()
    await phone.status("delivered")
    phone.clock.advance(minutes=3)
    assert await phone.answers() == [] and len(phone.graph.taken) == 1


async def nothing(*_):
    """A process that is dead puts nothing off."""


async def test_a_long_text_that_failed_in_the_middle_goes_on_where_it_stopped(phone, engine):
    engine.script["oi"] = reply("palavra " * 1_000)
    await phone.arrive("oi")
    await phone.fall_silent()
    original = phone.graph.post
    phone.graph.post = lambda path, body: original(path, body) if len(phone.graph.taken) < 1 else (
        500, {"error": {"code": 131000, "message": "x"}}
    )  # fmt: skip
    await phone.assembly.whatsapp_deliverer.deliver_due()
    phone.graph.post = original
    phone.clock.advance(minutes=6)
    await phone.answers()
    assert len(phone.graph.taken) == 2 and len({taken.tracker for taken in phone.graph.taken}) == 2


async def about_a_ticket(phone, **statuses):
    """An agent's words about a ticket of this conversation; gives the ticket's number."""
    number = phone.assembly.tickets.file(filing(Requester(phone.conversation, "whatsapp", ANA.email))).number
    body = {**BotMessage("O relatório voltou. Pode conferir?").as_dict(), "ticket": {"number": number}}
    with phone.assembly.database.write() as connection:
        add_bubbles(connection, phone.conversation, [body], phone.clock(), author="agent")
    return number


def told(phone, number):
    """How the ticket says that its news went out: way and state."""
    entries = [entry.body for entry in phone.assembly.tickets.by_number(number).timeline if entry.kind == "told"]
    assert len(entries) <= 1, entries
    return [(entry["way"], entry["state"]) for entry in entries]


async def test_the_ticket_shows_that_its_news_was_sent_delivered_and_read(phone):
    await phone.say("oi")
    number = await about_a_ticket(phone)
    assert await phone.answers() == ["O relatório voltou. Pode conferir?"]
    seen = [told(phone, number)]
    for status in ("delivered", "read", "delivered"):
        await phone.status(status)
        seen.append(told(phone, number))
    assert [entries[0] for entries in seen] == [
        ("whatsapp", "sent"), ("whatsapp", "delivered"), ("whatsapp", "read"), ("whatsapp", "read"),
    ]  # fmt: skip


async def test_a_status_that_comes_late_takes_nothing_back(phone):
    await phone.say("oi")
    number = await about_a_ticket(phone)
    await phone.answers()
    for status in ("read", "delivered", "sent"):
        await phone.status(status)
        assert told(phone, number) == [("whatsapp", "read")]


def letters(phone):
    return [row for row in phone.rows("outbox") if row["kind"] == "said"]


async def test_after_24_hours_the_news_goes_by_letter_and_the_ticket_says_so(phone):
    await phone.say("oi")
    number = await about_a_ticket(phone)
    phone.clock.advance(hours=24)
    assert await phone.answers() == []
    (letter,) = letters(phone)
    assert letter["recipient"] == ANA.email and letter["payload"]["text"] == "O relatório voltou. Pode conferir?"
    assert told(phone, number) == [("email", "queued")]


async def test_just_within_24_hours_it_goes_freely(phone):
    await phone.say("oi")
    phone.clock.advance(hours=23, minutes=58)
    phone.assembly.inbox.say(phone.conversation, BotMessage("aviso"))
    assert await phone.answers() == ["aviso"]


class TestWithATemplate:
    @pytest.fixture
    def settings(self):
        return {"whatsapp_template": "aviso_chamado:pt_BR"}

    async def test_after_24_hours_the_approved_template_carries_the_news(self, phone):
        await phone.say("oi")
        phone.graph.cold.add(phone.wa_id)
        number = await about_a_ticket(phone)
        phone.clock.advance(hours=24)
        assert await phone.answers() == ["O relatório voltou. Pode conferir?"]
        template = phone.graph.taken[-1].message["template"]
        assert (template["name"], template["language"]["code"]) == ("aviso_chamado", "pt_BR")
        assert told(phone, number) == [("template", "sent")]

    async def test_a_template_that_is_refused_leaves_the_letter(self, phone):
        await phone.say("oi")
        number = await about_a_ticket(phone)
        phone.clock.advance(hours=24)
        phone.graph.failures.append(Failure(400, 132001, times=1))
        await phone.answers()
        assert letters(phone) and told(phone, number) == [("email", "queued")]


@pytest.mark.parametrize("code", [131047, 131026])
async def test_a_person_who_is_not_reached_gets_a_letter(phone, code):
    await phone.say("oi")
    number = await about_a_ticket(phone)
    (phone.graph.cold if code == 131047 else phone.graph.gone).add(phone.wa_id)
    assert await phone.answers() == []
    assert len(letters(phone)) == 1 and told(phone, number) == [("email", "queued")]


async def test_without_any_address_the_ticket_says_that_the_news_did_not_arrive(phone):
    await phone.say("oi")
    number = phone.assembly.tickets.file(filing(Requester(phone.conversation, "whatsapp"))).number
    with phone.assembly.database.write() as connection:
        body = {**BotMessage("Novidade").as_dict(), "ticket": {"number": number}}
        add_bubbles(connection, phone.conversation, [body], phone.clock())
    phone.graph.gone.add(phone.wa_id)
    await phone.answers()
    assert letters(phone) == [] and told(phone, number) == [("none", "failed")]


async def test_a_message_that_fails_after_it_was_taken_goes_another_way(phone):
    await phone.say("oi")
    number = await about_a_ticket(phone)
    await phone.answers()
    for _ in range(2):
        await phone.status("failed", 131026)
    assert len(letters(phone)) == 1 and told(phone, number) == [("email", "queued")]


async def test_a_message_that_fails_for_a_passing_reason_is_sent_again(phone):
    await phone.say("oi")
    await phone.status("failed", 131000)
    phone.clock.advance(minutes=2)
    assert await phone.answers() == ["ouvi: oi"]


@pytest.mark.parametrize(("address", "company"), [("ana@aurora.example", "Lojas Aurora"), ("ana@casa.example", None)])
async def test_a_proven_address_brings_the_company_whose_contract_has_its_domain(phone, engine, address, company):
    aurora = Contract("Lojas Aurora", domains=frozenset({"aurora.example"}))
    phone.assembly.data.contracts = Contracts(phone.assembly.data.calendar, [aurora])
    await phone.say("oi")
    assert engine.played[-1].requester.company is None
    phone.assembly.verification.send_code(phone.conversation, address)
    code = next(row["payload"]["code"] for row in phone.rows("outbox") if row["kind"] == "code")
    assert phone.assembly.verification.check(phone.conversation, code)
    await phone.say("e agora?")
    known = engine.played[-1].requester
    assert (known.email, known.company, known.role) == (address, company, "requester")
    phone.clock.advance(days=91)
    await phone.say("sou eu ainda?")
    assert engine.played[-1].requester.company is None


async def test_a_status_of_a_message_that_is_not_ours_is_nothing(phone):
    await phone.post(payload("status_read"))
    await phone.handle()
    assert phone.assembly.whatsapp_inbox.counts()["handled"] == 1


async def test_a_person_without_a_number_is_answered_by_the_business_scoped_id(phone):
    await phone.post(payload("text_bsuid_only"))
    phone.clock.advance(seconds=10)
    await phone.handle()
    await phone.answers()
    assert phone.graph.taken[0].to == "BR.9876543210" and phone.graph.taken[0].message["recipient"] == "BR.9876543210"


# --- nobody gets in by the web ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [None, ANA])
async def test_a_conversation_of_whatsapp_has_no_door_on_the_web(phone, as_, who):
    await phone.say("oi")
    talk, client = phone.conversation, as_(who)
    assert_refused(await client.get(f"/api/conversations/{talk}/messages"), 404)
    assert_refused(await client.get(f"/api/conversations/{talk}/events"), 404)
    assert_refused(await post(client, talk, text="sou eu"), 404)
    assert_refused(await upload(client, "tela.png", PNG, talk), 404)
    assert phone.assembly.inbox.state(talk).owner is None


async def test_an_agent_reads_it_and_does_not_speak_as_the_customer(phone, as_):
    await phone.say("oi")
    talk, client = phone.conversation, as_(DAVI)
    said = (await client.get(f"/api/conversations/{talk}/messages")).json()["messages"]
    assert [item["text"] for item in said] == ["oi", "ouvi: oi"]
    assert_refused(await post(client, talk, text="sou eu"), 404)


async def test_logs_hold_neither_text_nor_number(phone, caplog):
    caplog.set_level("INFO")
    phone.graph.failures += [Failure(500, 131000, times=1), Failure(400, 131026, times=1)]
    await phone.say("segredo da Ana")
    phone.clock.advance(minutes=1)
    await phone.answers()
    await phone.say({"type": "text"})
    assert caplog.records and phone.wa_id not in caplog.text and "segredo" not in caplog.text
    assert "Prado" not in caplog.text
