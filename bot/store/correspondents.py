"""Who is known on a ticket by the address of a mail. An address proves nothing by itself: see docs/decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from bot.store.engine import Database
from bot.store.tables import people, subscriptions, ticket_messages, tickets
from bot.tickets.draft import Requester
from bot.tickets.ticket import Author


@dataclass(frozen=True)
class Standing:
    """What a sender is to a ticket. `requester` writes on it, None for somebody unknown there."""

    requester: Requester | None
    by_desk: bool = False


class Correspondents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, number: str, address: str, name: str | None, company: str | None) -> Standing | None:
        """None when there is no such ticket. `company` is the sender's after the contracts.

        What the host's last token said of an address goes before the contracts, as it does where people sign in.
        A requester known here sees this ticket by its conversation, and nothing else by it.
        """
        with self._database.read() as connection:
            ticket = connection.execute(select(tickets).where(tickets.c.number == number)).first()
            if ticket is None:
                return None
            if _is_of_the_desk(connection, ticket, address):
                return Standing(None, by_desk=True)
            person = connection.execute(select(people).where(people.c.email == address)).first()
            told = person.company if person else None
            companies = {told} if told else {company, _company(connection, address)}
            is_agent = person is not None and person.role == "agent"
            colleague = not is_agent and ticket.company is not None and ticket.company in companies
            if not colleague and not _is_known(connection, ticket, address):
                return Standing(None, by_desk=is_agent)
            if _is_creator(ticket, address):  # as it is written there, so that nobody hears of his own answer
                address, name = ticket.creator, ticket.creator_name or name
            company = ticket.company if colleague else None
            return Standing(Requester(ticket.conversation_id, "email", address, name, company))

    def for_released(self, number: str, address: str | None, name: str | None) -> Requester | None:
        """Whoever sent a mail that the desk vouched for; None when there is no such ticket."""
        with self._database.read() as connection:
            query = select(tickets.c.conversation_id).where(tickets.c.number == number)
            conversation = connection.execute(query).scalar()
        return Requester(conversation, "email", address, name) if conversation else None

    def written_since(self, number: str, address: str, since: datetime) -> int:
        """How many mails of an address went onto a ticket since then."""
        query = (
            select(func.count())
            .select_from(ticket_messages.join(tickets))
            .where(tickets.c.number == number, func.lower(ticket_messages.c.actor) == address)
            .where(ticket_messages.c.channel == "email", ticket_messages.c.at > since)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()


def _is_creator(ticket: Row, address: str) -> bool:
    return (ticket.creator or "").lower() == address


def _is_of_the_desk(connection: Connection, ticket: Row, address: str) -> bool:
    if (ticket.assignee or "").lower() == address:
        return True
    return _wrote(connection, Author.AGENT, address, ticket.id)


def _is_known(connection: Connection, ticket: Row, address: str) -> bool:
    if _is_creator(ticket, address) or _wrote(connection, Author.CUSTOMER, address, ticket.id):
        return True
    follows = (subscriptions.c.ticket_id == ticket.id, func.lower(subscriptions.c.email) == address)
    return connection.execute(select(subscriptions.c.email).where(*follows)).first() is not None


def _wrote(connection: Connection, author: Author, address: str, ticket_id: int) -> bool:
    query = select(ticket_messages.c.id).where(
        ticket_messages.c.ticket_id == ticket_id,
        ticket_messages.c.author == author.value,
        func.lower(ticket_messages.c.actor) == address,
    )
    return connection.execute(query.limit(1)).first() is not None


def _company(connection: Connection, address: str) -> str | None:
    """The company that an identity proven before gave with this address."""
    query = select(tickets.c.company).where(
        func.lower(tickets.c.creator) == address,
        tickets.c.creator_verified.is_(True),
        tickets.c.company.is_not(None),
    )
    return connection.execute(query.order_by(tickets.c.id.desc()).limit(1)).scalar()
