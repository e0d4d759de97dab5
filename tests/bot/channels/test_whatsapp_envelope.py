"""Envelopes taken apart: every update, once each, with who sent it."""

import copy
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp_envelope import canonical_phone, change_of_number, is_signed, read_message, split
from tests.bot.channels.payloads import NAMES, payload
from tests.graph_api import PHONE_ID

ANA, ANA_BSUID = "5511987654321", "BR.13491208655302741918"


def only(name):
    (update,) = split(payload(name))
    return update


def read(name):
    return read_message(only(name).body)


def signature(body, secret):
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_a_signature_over_the_raw_bytes_is_accepted():
    assert is_signed(b'{"a": 1}', signature(b'{"a": 1}', b"segredo"), "segredo")


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha256=00", signature(b"x", b"outro"), signature(b"y", b"segredo"), "sha1=aa", "çã"],
)
def test_any_other_signature_is_refused(header):
    assert not is_signed(b"x", header, "segredo")


@pytest.mark.parametrize(
    ("wa_id", "phone"),
    [
        ("5511987654321", "5511987654321"),
        ("551187654321", "5511987654321"),
        ("+55 (11) 8765-4321", "5511987654321"),
        ("551133334444", "551133334444"),  # a landline has no ninth digit
        ("14155550123", "14155550123"),
        ("351912345678", "351912345678"),
    ],
)
def test_a_mobile_with_and_without_the_ninth_digit_is_one_number(wa_id, phone):
    assert canonical_phone(wa_id) == phone


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_shape_gives_updates_that_can_be_read(name):
    updates = list(split(payload(name)))
    assert updates
    assert all(update.kind in ("message", "status") and update.to == PHONE_ID and update.at for update in updates)


def test_a_message_says_who_sent_it():
    update = only("text")
    assert (update.wa_id, update.bsuid, update.name) == (ANA, ANA_BSUID, "Ana Prado")


def test_the_older_shape_without_a_user_id_is_not_lost():
    update = only("text_old_shape")
    assert (update.kind, update.wa_id, update.bsuid) == ("message", ANA, None)


def test_a_person_without_a_number_is_known_by_the_business_scoped_id():
    update = only("text_bsuid_only")
    assert (update.wa_id, update.bsuid, update.line) == (None, "BR.9876543210", "person:BR.9876543210")


def test_a_batch_over_messages_changes_and_entries_loses_nothing_and_keeps_the_order():
    updates = list(split(payload("batch")))
    texts = [(update.wa_id, update.body["text"]["body"]) for update in updates if update.kind == "message"]
    assert texts == [(ANA, "primeira"), (ANA, "segunda"), ("5521988887777", "de outra pessoa"), (ANA, "terceira")]
    assert [update.status for update in updates if update.kind == "status"] == ["read"]
    assert [update.name for update in updates if update.kind == "message"][2] == "Carla Nunes"


def test_messages_of_one_person_are_one_line_whichever_way_the_number_is_written():
    old = copy.deepcopy(payload("text"))
    old["entry"][0]["changes"][0]["value"]["messages"][0]["from"] = "551187654321"
    (update,) = split(old)
    assert update.line == only("text").line


def test_two_statuses_of_one_message_are_two_updates_of_one_line():
    sent, read_ = only("status_sent"), only("status_read")
    assert (sent.wamid, sent.line) == (read_.wamid, read_.line) and sent.status != read_.status


@pytest.mark.parametrize("name", ["button_reply", "list_reply"])
def test_a_reply_comes_back_by_its_id(name):
    assert read(name).choice.startswith("/choose{")


@pytest.mark.parametrize(
    ("name", "mime", "kept_as", "caption"),
    [
        ("image", "image/jpeg", "imagem-", "a tela com o erro"),
        ("image_without_caption", "image/png", "imagem-", None),
        ("document", "application/pdf", "relatório março.pdf", "segue"),
        ("video", "video/mp4", "vídeo-", None),
        ("audio", "audio/ogg", "áudio-", None),
    ],
)
def test_media_have_an_id_a_type_and_a_name(name, mime, kept_as, caption):
    incoming = read(name)
    assert incoming.media.id == "1037543291543636" and incoming.media.mime == mime and incoming.text == caption
    assert incoming.media.name.startswith(kept_as) and "." in incoming.media.name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("location", "Localização: Loja Paulista — Av. Paulista, 900 — -23.5613, -46.6565"),
        ("contacts", "Contato: Bruno Reis +55 11 97777-1234"),
        ("reaction", "Reação: 👍"),
        ("sticker", "Figurinha"),
        ("reaction_removed", None),
        ("unsupported", None),
        ("order", None),
    ],
)
def test_what_the_dialogue_cannot_read_is_told_to_a_human(name, told):
    incoming = read(name)
    assert (incoming.text, incoming.choice, incoming.media, incoming.told) == (None, None, None, told)


def test_a_new_number_is_read_from_the_system_message():
    assert change_of_number(only("changed_number").body) == "5511955554444"
    assert change_of_number(only("text").body) is None


@pytest.mark.parametrize("name", ["text", "button_reply", "image", "location", "contacts", "reaction"])
def test_a_known_kind_without_its_content_is_an_error_and_no_guess(name):
    body = {**only(name).body}
    del body[body["type"]]
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_message(body)


@pytest.mark.parametrize(
    "broken", [{}, {"id": ""}, {"id": "wamid.1"}, {"id": "wamid.1", "from": "55"}, "texto", None, 7]
)
def test_a_message_without_what_makes_it_one_is_unreadable_and_still_there(broken):
    envelope = payload("text")
    envelope["entry"][0]["changes"][0]["value"]["messages"] = [broken]
    envelope["entry"][0]["changes"][0]["value"]["contacts"] = []
    (update,) = split(envelope)
    assert update.kind == "unreadable" and update.wamid


def test_other_fields_of_the_account_are_no_messages():
    envelope = payload("text")
    envelope["entry"][0]["changes"][0]["field"] = "message_template_status_update"
    assert list(split(envelope)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["entry", "changes", "value", "messages", "statuses", "contacts", "field"]), inner
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_json_breaks_the_splitting(envelope):
    for update in split(envelope):
        assert update.kind in ("message", "status", "unreadable")
