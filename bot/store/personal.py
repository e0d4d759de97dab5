"""What is stored about a person: given out, erased, or forgotten once it is old (LGPD).

Erased are texts, names, addresses and files. What stays are ids, times, severities and clocks, so that the figures of
the desk remain true. What other people wrote stays too, also where it stands on a ticket of the person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    true,
    update,
)

from bot.catalog import WHYS
from bot.store import personal_channels
from bot.store.engine import Database
from bot.store.personal_channels import ERASED
from bot.store.tables import (
    attachments,
    conversations,
    handovers,
    inbound,
    mail_decisions,
    mails,
    outbound,
    outbox,
    people,
    sign_in_codes,
    subscriptions,
    ticket_events,
    ticket_messages,
    ticket_notes,
    tickets,
    unsent_texts,
    verification_codes,
)
from bot.store.ticket_rows import haystack
from bot.text import plain
from bot.tickets.ticket import Author, Status

# Of the entries of a timeline and of the evidence, only this is kept; it holds nobody's words.
_KEPT_OF_ENTRIES = (
    "severity", "from", "to", "from_row", "to_row", "message", "clock", "key", "due", "way", "state",
)  # fmt: skip
_KEPT_OF_EVIDENCE = ("probability", "alternatives", "explanation")
# Repeats other columns, and what colleagues wrote.
_DERIVED = ("haystack",)
_TOLD = (*WHYS, "contact")


@dataclass(frozen=True)
class Selection:
    """What is to go: ids of tickets and conversations and, when it is for a person, that person's address.

    Without an address everything on the tickets goes, whoever wrote it.
    """

    tickets: tuple[int, ...]
    conversations: tuple[str, ...]
    address: str | None = None

    def __bool__(self) -> bool:
        return bool(self.tickets or self.conversations or self.address)


@dataclass(frozen=True)
class Orphans:
    """Hashes of bytes that nothing in the database bears any more."""

    files: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()


class PersonalData:
    """`now` gives aware instants."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def of(self, address: str) -> Selection:
        """What is the person's own: tickets under the address, and conversations nobody else is known to be in.

        Who only wrote by WhatsApp is found by the telephone, with all that stands under an address proven there.
        """
        address = address.strip().lower()
        with self._database.read() as connection:
            if "@" in address:
                return _of_address(connection, address)
            talks = personal_channels.conversations_of_phone(connection, address)
            proven = select(conversations.c.verified_email).where(conversations.c.id.in_(talks))
            email = next((one.lower() for one in connection.execute(proven).scalars() if one), None)
            own = _of_address(connection, email) if email else Selection((), ())
            filed = connection.execute(select(tickets.c.id).where(tickets.c.conversation_id.in_(talks))).scalars()
            return Selection(tuple({*own.tickets, *filed}), tuple({*own.conversations, *talks}), email)

    def older_than(self, moment: datetime) -> Selection:
        """Tickets resolved before `moment`, and conversations silent since, that lead to nothing still open."""
        ticket_is_old = and_(
            tickets.c.status == Status.RESOLVED.value,
            tickets.c.resolved_at < moment,
            tickets.c.subject != ERASED,
            ~exists().where(ticket_messages.c.ticket_id == tickets.c.id, ticket_messages.c.at >= moment),
        )
        leads_on = exists().where(
            tickets.c.conversation_id == conversations.c.id,
            or_(
                tickets.c.status != Status.RESOLVED.value,
                tickets.c.resolved_at >= moment,
                exists().where(ticket_messages.c.ticket_id == tickets.c.id, ticket_messages.c.at >= moment),
            ),
        )
        talk_is_old = and_(
            conversations.c.created_at < moment,
            or_(conversations.c.owner.is_(None), conversations.c.owner != ERASED),
            ~leads_on,
            ~exists().where(inbound.c.conversation_id == conversations.c.id, inbound.c.received_at >= moment),
            ~exists().where(outbound.c.conversation_id == conversations.c.id, outbound.c.at >= moment),
        )
        with self._database.read() as connection:
            filed = connection.execute(select(tickets.c.id).where(ticket_is_old)).scalars().all()
            talks = connection.execute(select(conversations.c.id).where(talk_is_old)).scalars().all()
        return Selection(tuple(filed), tuple(talks))

    def export(self, address: str) -> dict[str, Any]:
        """All of a person, by table, as JSON takes it. Internal notes and what colleagues wrote are not the person's."""
        mine, asked = self.of(address), address.strip().lower()
        own = mine.address or asked
        with self._database.read() as connection:
            tables = [*_exported(mine, own), *personal_channels.exported(connection, own, mine.conversations)]
            found = {table.name: _rows(connection, table, condition) for table, condition in tables}
        return {"address": asked, **{name: rows for name, rows in found.items() if rows}}

    def erase(self, selection: Selection) -> Orphans:
        """In one transaction."""
        with self._database.write() as connection:
            hashes = _drop_attachments(connection, selection)
            letters = personal_channels.erase_mails(connection, selection.address, selection.tickets, self._now())
            personal_channels.erase_whatsapp(connection, selection.conversations, self._now())
            personal_channels.erase_refused_files(connection, selection.conversations)
            _erase_tickets(connection, selection)
            _erase_conversations(connection, selection, self._now())
            _erase_letters(connection, selection)
            if selection.address:
                _erase_address(connection, selection.address)
            left = connection.execute(select(attachments.c.sha256).where(attachments.c.sha256.in_(hashes))).scalars()
            orphans = Orphans(tuple(sorted(hashes - set(left))), tuple(letters))
        self._database.forget_deleted()
        return orphans

    def drop_letters_before(self, moment: datetime) -> Orphans:
        """Letters and mails that are done with, codes and texts that count no more, people not heard of since."""
        with self._database.write() as connection:
            letters = personal_channels.drop_mails_before(connection, moment)
            personal_channels.drop_whatsapp_before(connection, moment)
            done = or_(outbox.c.sent_at.is_not(None), outbox.c.failed_at.is_not(None))
            connection.execute(delete(outbox).where(outbox.c.created_at < moment, done))
            connection.execute(delete(verification_codes).where(verification_codes.c.expires_at < moment))
            connection.execute(delete(sign_in_codes).where(sign_in_codes.c.expires_at < moment))
            connection.execute(delete(people).where(people.c.seen_at < moment))
            connection.execute(delete(unsent_texts).where(unsent_texts.c.at < moment))
        self._database.forget_deleted()
        return Orphans(mails=tuple(letters))


def _of_address(connection: Connection, address: str) -> Selection:
    filed = connection.execute(select(tickets.c.id).where(_same(tickets.c.creator, address))).scalars().all()
    talks = connection.execute(select(conversations.c.id).where(_held_by(address))).scalars().all()
    return Selection(tuple(filed), tuple(talks), address)


def _same(column: ColumnElement[Any], address: str) -> ColumnElement[bool]:
    return func.lower(column) == address


def _held_by(address: str) -> ColumnElement[bool]:
    """Conversations that are proven to be the person's, or where no proof speaks against what was typed."""
    unproven = and_(conversations.c.owner.is_(None), conversations.c.verified_email.is_(None))
    claimed = or_(
        exists().where(tickets.c.conversation_id == conversations.c.id, _same(tickets.c.creator, address)),
        exists().where(
            inbound.c.conversation_id == conversations.c.id,
            _same(inbound.c.requester["claimed_email"].as_string(), address),
        ),
        exists().where(
            handovers.c.conversation_id == conversations.c.id,
            _same(handovers.c.requester["claimed_email"].as_string(), address),
        ),
    )
    return or_(
        _same(conversations.c.owner, address),
        _same(conversations.c.verified_email, address),
        and_(unproven, claimed),
    )


def _exported(mine: Selection, address: str) -> Iterable[tuple[Table, ColumnElement[bool]]]:
    on_tickets, in_talks = set(mine.tickets), set(mine.conversations)
    own = _same(ticket_messages.c.actor, address)
    answered = and_(ticket_messages.c.ticket_id.in_(on_tickets), ticket_messages.c.author == Author.AGENT.value)
    yield tickets, tickets.c.id.in_(on_tickets)
    yield ticket_events, ticket_events.c.ticket_id.in_(on_tickets)
    yield ticket_messages, or_(own, answered)
    yield subscriptions, _same(subscriptions.c.email, address)
    yield conversations, conversations.c.id.in_(in_talks)
    for table in (inbound, outbound, handovers):
        yield table, table.c.conversation_id.in_(in_talks)
    yield attachments, _their_files(mine)
    yield outbox, _same(outbox.c.recipient, address)
    yield people, _same(people.c.email, address)
    yield unsent_texts, _same(unsent_texts.c.email, address)
    yield sign_in_codes, _same(sign_in_codes.c.email, address)
    yield verification_codes, _codes(mine)


def _rows(connection: Connection, table: Table, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = connection.execute(select(table).where(condition).order_by(*table.primary_key.columns))
    return [{str(n): _plain(value) for n, value in row._mapping.items() if n not in _DERIVED} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _their_files(selection: Selection) -> ColumnElement[bool]:
    """Files of the conversations and tickets, but for those that a colleague added."""
    theirs = or_(
        attachments.c.conversation_id.in_(selection.conversations), attachments.c.ticket_id.in_(selection.tickets)
    )
    return and_(theirs, ~exists().where(ticket_messages.c.id == attachments.c.message_id, _by_others(selection)))


def _by_others(selection: Selection) -> ColumnElement[bool]:
    """Messages of customers who are not the person."""
    if selection.address is None:
        return false()
    return and_(
        ticket_messages.c.author == Author.CUSTOMER.value,
        ticket_messages.c.actor.is_not(None),
        func.lower(ticket_messages.c.actor) != selection.address,
    )


def _codes(selection: Selection) -> ColumnElement[bool]:
    by_address = _same(verification_codes.c.email, selection.address) if selection.address else false()
    return or_(verification_codes.c.conversation_id.in_(selection.conversations), by_address)


def _drop_attachments(connection: Connection, selection: Selection) -> set[str]:
    condition = _their_files(selection)
    hashes = set(connection.execute(select(attachments.c.sha256).where(condition)).scalars())
    connection.execute(delete(attachments).where(condition))
    return hashes


def _erase_tickets(connection: Connection, selection: Selection) -> None:
    on_them = ticket_messages.c.ticket_id.in_(selection.tickets)
    _erase_messages(connection, and_(on_them, ~_by_others(selection)))
    connection.execute(update(ticket_notes).where(ticket_notes.c.ticket_id.in_(selection.tickets)).values(text=ERASED))
    if selection.address is None:
        connection.execute(delete(subscriptions).where(subscriptions.c.ticket_id.in_(selection.tickets)))
    for row in _all(connection, ticket_events, ticket_events.c.ticket_id.in_(selection.tickets)):
        body = {name: value for name, value in row.body.items() if name in _KEPT_OF_ENTRIES}
        connection.execute(update(ticket_events).where(ticket_events.c.id == row.id).values(body=body))
    for row in _all(connection, tickets, tickets.c.id.in_(selection.tickets)):
        _erase_ticket(connection, row)
    _find_by_what_is_left(connection, selection.tickets)


def _erase_ticket(connection: Connection, row: Row[Any]) -> None:
    evidence = {name: value for name, value in row.evidence.items() if name in _KEPT_OF_EVIDENCE}
    values = {**dict.fromkeys((*_TOLD, "creator")), "subject": ERASED, "creator_name": ERASED, "evidence": evidence}
    connection.execute(update(tickets).where(tickets.c.id == row.id).values(**values, version=row.version + 1))


def _find_by_what_is_left(connection: Connection, ids: Iterable[int]) -> None:
    """What search by words looks into, made anew of what still stands on the tickets."""
    for row in _all(connection, tickets, tickets.c.id.in_(set(ids))):
        on_it = and_(ticket_messages.c.ticket_id == row.id, ticket_messages.c.text != ERASED)
        texts = connection.execute(select(ticket_messages.c.text).where(on_it).order_by(ticket_messages.c.id))
        subject = "" if row.subject == ERASED else row.subject
        words = " ".join([haystack(row.number, subject, row), *(plain(text) for text in texts.scalars())])
        connection.execute(update(tickets).where(tickets.c.id == row.id).values(haystack=words))


def _erase_messages(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Texts go; of whom they were is told by the address, which goes for itself."""
    for row in _all(connection, ticket_messages, condition):
        values: dict[str, Any] = {"text": ERASED, "key": f"erased:{row.id}"}
        if row.author == Author.CUSTOMER.value:
            values |= {"actor": None, "actor_name": ERASED}
        connection.execute(update(ticket_messages).where(ticket_messages.c.id == row.id).values(**values))


def _erase_conversations(connection: Connection, selection: Selection, now: datetime) -> None:
    """Nobody but agents enters them any more; what was still to be answered is not answered."""
    ids = selection.conversations
    connection.execute(
        update(conversations)
        .where(conversations.c.id.in_(ids))
        .values(owner=ERASED, verified_email=None, asking=None, offered=[], with_human=False)
    )
    for row in _all(connection, inbound, inbound.c.conversation_id.in_(ids)):
        connection.execute(
            update(inbound)
            .where(inbound.c.id == row.id)
            .values(
                text=None, choice=None, attachments=[], answer=None, client_id=f"erased:{row.id}",
                requester=_nobody(row), answered_at=row.answered_at or now,
            )
        )  # fmt: skip
    connection.execute(
        update(outbound).where(outbound.c.conversation_id.in_(ids)).values(body={"text": ERASED}, key=None)
    )
    for row in _all(connection, handovers, handovers.c.conversation_id.in_(ids)):
        values = {"draft": {"id": row.draft["id"]}, "requester": _nobody(row), "closed_at": row.closed_at or now}
        connection.execute(update(handovers).where(handovers.c.id == row.id).values(**values))
    connection.execute(delete(verification_codes).where(_codes(selection)))


def _nobody(row: Row[Any]) -> dict[str, Any]:
    return {"conversation": row.conversation_id, "channel": row.requester.get("channel", "web")}


def _erase_letters(connection: Connection, selection: Selection) -> None:
    """What was to be sent is not sent any more; what was sent to others about it says nothing but its number."""
    numbers = select(tickets.c.number).where(tickets.c.id.in_(selection.tickets))
    about = or_(
        outbox.c.payload["number"].as_string().in_(numbers),
        outbox.c.payload["requester"]["conversation"].as_string().in_(selection.conversations),
        outbox.c.recipient.in_(selection.conversations),
    )
    to_them = _same(outbox.c.recipient, selection.address) if selection.address else false()
    pending = and_(outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None))
    connection.execute(delete(outbox).where(pending, or_(about, to_them)))
    for row in _all(connection, outbox, or_(about, to_them)):
        mine = selection.address is None or row.recipient.lower() == selection.address
        values = {"recipient": ERASED, "key": f"erased:{row.id}"} if mine else {}
        payload = {name: value for name, value in row.payload.items() if name in ("number", "message")}
        connection.execute(
            update(outbox).where(outbox.c.id == row.id).values(**values, payload=payload, error=None, message_id=None)
        )


def _erase_address(connection: Connection, address: str) -> None:
    """Where the person is named on what belongs to others: what a customer wrote goes with the name."""
    wrote = _same(ticket_messages.c.actor, address)
    on = connection.execute(select(ticket_messages.c.ticket_id).where(wrote)).scalars().all()
    _erase_messages(connection, and_(wrote, ticket_messages.c.author == Author.CUSTOMER.value))
    _find_by_what_is_left(connection, on)
    connection.execute(update(ticket_messages).where(wrote).values(actor=None, actor_name=ERASED))
    for column, values in (
        (ticket_events.c.actor, {"actor": None}),
        (tickets.c.assignee, {"assignee": None}),
        (ticket_notes.c.author, {"author": ERASED, "author_name": ERASED}),
        (handovers.c.agent, {"agent": ERASED, "agent_name": ERASED}),
        (mails.c.decided_by, {"decided_by": ERASED}),
        (mail_decisions.c.by, {"by": ERASED}),
    ):
        connection.execute(update(column.table).where(_same(column, address)).values(**values))
    for column in (subscriptions.c.email, people.c.email, sign_in_codes.c.email, unsent_texts.c.email):
        connection.execute(delete(column.table).where(_same(column, address)))


def _all(connection: Connection, table: Table, condition: ColumnElement[bool]) -> list[Row[Any]]:
    return list(connection.execute(select(table).where(and_(true(), condition))).all())
