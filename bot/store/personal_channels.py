"""What the channels keep of a person beside the conversation: mails as they came, and what WhatsApp sent us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, false, func, or_, select, update

from bot.channels.whatsapp_envelope import canonical_phone
from bot.store.mail_store import MailState
from bot.store.tables import (
    mail_decisions,
    mails,
    outbox,
    refused_files,
    tickets,
    whatsapp_envelopes,
    whatsapp_people,
    whatsapp_sent,
    whatsapp_updates,
)

ERASED = "(apagado)"


def conversations_of_phone(connection: Connection, phone: str) -> list[str]:
    query = select(whatsapp_people.c.conversation_id).where(whatsapp_people.c.phone == canonical_phone(phone))
    return list(connection.execute(query).scalars())


def exported(
    connection: Connection, address: str, conversations: Sequence[str]
) -> Iterable[tuple[Table, ColumnElement[bool]]]:
    """What an export takes of each table."""
    yield mails, func.lower(mails.c.sender) == address
    yield whatsapp_people, whatsapp_people.c.conversation_id.in_(conversations)
    people = _people(connection, conversations)
    yield (
        whatsapp_updates,
        whatsapp_updates.c.id.in_([row.id for person in people for row in _updates(connection, person)]),
    )
    yield refused_files, refused_files.c.conversation_id.in_(conversations)


def erase_mails(connection: Connection, address: str | None, ticket_ids: Sequence[int], now: datetime) -> list[str]:
    """Mails of an address or, without one, of the tickets. Gives the hashes of bytes that no mail has any more."""
    numbers = select(tickets.c.number).where(tickets.c.id.in_(ticket_ids))
    theirs = mails.c.number.in_(numbers) if address is None else func.lower(mails.c.sender) == address
    rows = connection.execute(select(mails).where(theirs)).all()
    for row in rows:
        is_open = row.state in (MailState.KEPT, MailState.QUARANTINED, MailState.FAILED)
        values = {"key": f"erased:{row.id}", "sender": None, "subject": ERASED, "reason": None, "sha256": ""}
        values |= {"state": MailState.DISCARDED.value, "settled_at": now} if is_open else {}
        connection.execute(update(mails).where(mails.c.id == row.id).values(**values))
    hashes = {row.sha256 for row in rows} - {""}
    left = connection.execute(select(mails.c.sha256).where(mails.c.sha256.in_(hashes))).scalars()
    return sorted(hashes - set(left))


def drop_mails_before(connection: Connection, moment: datetime) -> list[str]:
    """Mails that are settled. Gives the hashes of bytes that no mail has any more."""
    old = (mails.c.received_at < moment, mails.c.settled_at.is_not(None))
    hashes = set(connection.execute(select(mails.c.sha256).where(*old)).scalars()) - {""}
    connection.execute(delete(mail_decisions).where(mail_decisions.c.mail_id.in_(select(mails.c.id).where(*old))))
    connection.execute(delete(mails).where(*old))
    left = connection.execute(select(mails.c.sha256).where(mails.c.sha256.in_(hashes))).scalars()
    return sorted(hashes - set(left))


def erase_refused_files(connection: Connection, conversations: Sequence[str]) -> None:
    for row in connection.execute(
        select(refused_files).where(refused_files.c.conversation_id.in_(conversations))
    ).all():
        values = {"client_id": f"erased:{row.id}", "name": ERASED, "reason": ERASED}
        connection.execute(update(refused_files).where(refused_files.c.id == row.id).values(**values))


def erase_whatsapp(connection: Connection, conversations: Sequence[str], now: datetime) -> None:
    """A message of theirs that comes later begins a new conversation. To be called while the outbox is still whole."""
    keys = select(outbox.c.key).where(outbox.c.recipient.in_(conversations))
    # The network's id of a message tells whose it is.
    for row in connection.execute(select(whatsapp_sent).where(whatsapp_sent.c.notice_key.in_(keys))).all():
        values = {"wamid": f"erased:{row.id}", "notice_key": f"erased:{row.id}"}
        connection.execute(update(whatsapp_sent).where(whatsapp_sent.c.id == row.id).values(**values))
    for person in _people(connection, conversations):
        _erase_updates(connection, person, now)
    connection.execute(delete(whatsapp_people).where(whatsapp_people.c.conversation_id.in_(conversations)))


def drop_whatsapp_before(connection: Connection, moment: datetime) -> None:
    """Envelopes that came before and were taken apart, with what of them was handled."""
    old = select(whatsapp_envelopes.c.id).where(whatsapp_envelopes.c.received_at < moment)
    handled = whatsapp_updates.c.handled_at.is_not(None)
    connection.execute(delete(whatsapp_updates).where(whatsapp_updates.c.envelope_id.in_(old), handled))
    left = select(whatsapp_updates.c.envelope_id)
    connection.execute(
        delete(whatsapp_envelopes).where(
            whatsapp_envelopes.c.received_at < moment,
            whatsapp_envelopes.c.split_at.is_not(None),
            whatsapp_envelopes.c.id.not_in(left),
        )
    )
    connection.execute(delete(whatsapp_sent).where(whatsapp_sent.c.at < moment))


def _people(connection: Connection, conversations: Sequence[str]) -> list[Row[Any]]:
    query = select(whatsapp_people).where(whatsapp_people.c.conversation_id.in_(conversations))
    return list(connection.execute(query).all())


def _updates(connection: Connection, person: Row[Any]) -> list[Row[Any]]:
    """Their messages, and the statuses of ours to them."""
    update_of = whatsapp_updates.c.update
    by_number = update_of["wa_id"].as_string().in_(_numbers(person))
    by_id = update_of["bsuid"].as_string() == person.bsuid if person.bsuid else false()
    return list(connection.execute(select(whatsapp_updates).where(or_(by_number, by_id))).all())


def _numbers(person: Row[Any]) -> set[str]:
    """All forms in which the network may write the number: with and without a Brazilian mobile's ninth digit."""
    phone = person.phone or ""
    forms = {person.wa_id, person.phone, phone[:4] + phone[5:] if phone.startswith("55") and len(phone) == 13 else None}
    return {form for form in forms if form}


def _erase_updates(connection: Connection, person: Row[Any], now: datetime) -> None:
    rows = _updates(connection, person)
    for row in rows:
        values = {"wamid": f"erased:{row.id}", "line": "erased", "update": {}, "error": None}
        done = {} if row.handled_at or row.failed_at else {"handled_at": now}
        connection.execute(update(whatsapp_updates).where(whatsapp_updates.c.id == row.id).values(**values, **done))
        # A failed one cannot be tried again any more.
        connection.execute(
            update(whatsapp_updates)
            .where(whatsapp_updates.c.id == row.id, whatsapp_updates.c.failed_at.is_not(None))
            .values(handled_at=now, failed_at=None)
        )
    known = {value.encode() for value in (*_numbers(person), person.bsuid) if value}
    read = {row.envelope_id for row in rows}
    for envelope in connection.execute(select(whatsapp_envelopes)).all():
        # Those of other people in it have been taken out already.
        if envelope.id in read or (envelope.split_at and any(word in envelope.body for word in known)):
            connection.execute(
                update(whatsapp_envelopes).where(whatsapp_envelopes.c.id == envelope.id).values(body=b"")
            )
