"""Builds every object from Settings. Nothing is made at import time, nothing is a global."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from bot.catalog import Catalog, load_catalog
from bot.channels.mail_in.imap import ImapInbox
from bot.channels.mail_in.lmtp import LmtpDoor
from bot.channels.mail_marks import MailMarks
from bot.channels.mailbox import FolderMailbox, Mailbox, SmtpMailbox
from bot.channels.transcriber import Transcriber
from bot.channels.whatsapp_graph import GraphApi
from bot.company import Company, load_company
from bot.conversation.rasa_client import RasaClient
from bot.conversation.sessions import Sessions
from bot.conversation.turns import Turns
from bot.errors import ConfigurationError
from bot.mailroom.clerk import Clerk
from bot.mailroom.held import HeldMails
from bot.mailroom.receiver import Receiver
from bot.mailroom.sorting import Rules, Sorting
from bot.notifications.deliver import Deliverer
from bot.notifications.post import Post
from bot.notifications.watch import Watch
from bot.notifications.whatsapp import WhatsAppDeliverer
from bot.notifications.wording import Letters
from bot.preflight import Preflight, load_preflight
from bot.privacy import Privacy
from bot.settings import Settings
from bot.sla.assessment import Assessor
from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import load_calendar
from bot.sla.contracts import Contracts, load_contracts
from bot.sla.matrix import Matrix, load_matrix
from bot.sla.severity import SeverityModel
from bot.store.attachment_store import AttachmentStore
from bot.store.claims import Claims
from bot.store.correspondents import Correspondents
from bot.store.desk_queue import DeskQueue
from bot.store.engine import Database, open_engine
from bot.store.handovers import Handovers
from bot.store.inbox import Inbox
from bot.store.mail_store import MailStore
from bot.store.notes import Notes
from bot.store.outbox import Outbox
from bot.store.people import People
from bot.store.personal import PersonalData
from bot.store.pulse import Pulse
from bot.store.refused_files import RefusedFiles
from bot.store.sign_in import SignIn
from bot.store.ticket_store import SqlTicketStore
from bot.store.unsent import UnsentTexts
from bot.store.verification import Verification
from bot.store.watched import WatchedTickets
from bot.store.whatsapp_inbox import WhatsAppInbox
from bot.store.whatsapp_sent import WhatsAppSent
from bot.tickets.desk import Desk
from bot.tickets.draft import Requester
from bot.tickets.files import FileLimits
from bot.tickets.handling import Handling
from bot.tickets.presentation import ticket_fields
from kb_index.search import LiveSearch


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class CompanyData:
    """Everything that belongs to one company, read and checked."""

    company: Company
    catalog: Catalog
    matrix: Matrix
    calendar: BusinessCalendar
    contracts: Contracts
    preflight: Preflight

    @classmethod
    def load(cls, settings: Settings) -> CompanyData:
        """Raises ConfigurationError with file, line and remedy."""
        directory = settings.company_dir
        company, catalog = load_company(directory), load_catalog(directory)
        matrix, calendar = load_matrix(directory / "sla_matrix.csv"), load_calendar(directory / "calendar.yml")
        contracts = load_contracts(directory / "contracts.yml", matrix, calendar)
        data = cls(company, catalog, matrix, calendar, contracts, load_preflight(directory))
        data.check(settings)
        return data

    def check(self, settings: Settings) -> None:
        unknown = self.matrix.products() - set(self.catalog.products)
        if unknown:
            path = settings.company_dir / "sla_matrix.csv"
            line = next(n for n, row in enumerate(self.matrix.rows, 2) if row.product in unknown)
            raise ConfigurationError(
                path, line, f"produto {sorted(unknown)[0]} não está em catalog.yml; inclua-o lá ou corrija a matriz"
            )


class Assembly:
    """The objects of one process, each made when it is first asked for."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.now = settings, now

    @cached_property
    def data(self) -> CompanyData:
        return CompanyData.load(self.settings)

    @cached_property
    def database(self) -> Database:
        return Database(open_engine(self.settings.database))

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.database, self.now)

    @cached_property
    def tickets(self) -> SqlTicketStore:
        return SqlTicketStore(self.database, self.data.company, self.file_limits)

    @cached_property
    def attachments(self) -> AttachmentStore:
        return AttachmentStore(self.database, self.settings.attachments_dir, self.now, self.file_limits)

    @property
    def file_limits(self) -> FileLimits:
        return FileLimits(self.settings.max_uploads, self.settings.max_ticket_bytes)

    @cached_property
    def queue(self) -> DeskQueue:
        return DeskQueue(self.database)

    @cached_property
    def handovers(self) -> Handovers:
        return Handovers(self.database, self.now)

    @cached_property
    def notes(self) -> Notes:
        return Notes(self.database, self.now)

    @cached_property
    def pulse(self) -> Pulse:
        return Pulse(self.database)

    @cached_property
    def personal(self) -> PersonalData:
        return PersonalData(self.database, self.now)

    @cached_property
    def privacy(self) -> Privacy:
        folder = self.mailbox if isinstance(self.mailbox, FolderMailbox) else None
        return Privacy(self.personal, self.sessions, self.attachments, self.mails, folder, self.now)

    @cached_property
    def verification(self) -> Verification:
        return Verification(self.database, self.now)

    @cached_property
    def sign_in(self) -> SignIn:
        return SignIn(self.database, self.now)

    @cached_property
    def claims(self) -> Claims:
        return Claims(self.database, self.now)

    @cached_property
    def unsent(self) -> UnsentTexts:
        return UnsentTexts(self.database, self.now)

    @cached_property
    def people(self) -> People:
        return People(self.database, self.now, lambda email: self.data.contracts.company_of(email))

    @cached_property
    def assessor(self) -> Assessor:
        model = SeverityModel.load(self.settings.models_dir / "severity.joblib")
        return Assessor(model, self.data.matrix, self.data.contracts)

    @cached_property
    def articles(self) -> LiveSearch:
        """The search, which follows the index when that is built anew."""
        return LiveSearch(self.settings.index_dir, database=self.settings.vectors_url or None)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.tickets, self.assessor, self.local_now)

    @cached_property
    def handling(self) -> Handling:
        reopen_within = timedelta(days=self.settings.reopen_days)
        return Handling(self.tickets, self.data.matrix, self.data.contracts, self.local_now, reopen_within)

    @cached_property
    def rasa(self) -> RasaClient:
        return RasaClient(self.settings.rasa_url, self.settings.rasa_token, self.settings.turn_timeout_seconds)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions.connect(self.settings.redis)

    @cached_property
    def turns(self) -> Turns:
        silence = timedelta(seconds=self.settings.silence_seconds)
        return Turns(self.inbox, self.attachments, self.rasa, self.sessions, self.fields_of, silence, self.now)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.database, self.now)

    @cached_property
    def marks(self) -> MailMarks:
        settings = self.settings
        address = settings.mail_from or self.data.company.email
        return MailMarks(address, settings.identity_secret, plus=settings.mail_plus_addresses)

    @cached_property
    def deliverer(self) -> Deliverer:
        data, settings = self.data, self.settings
        letters = Letters(
            data.company,
            data.catalog,
            data.calendar.zone,
            self.marks,
            settings.address,
            reopen_days=settings.reopen_days,
        )
        post = Post(self.tickets, letters, self.mailbox, self.now)
        return Deliverer(self.outbox, dict.fromkeys(post.kinds, post), self.now)

    @cached_property
    def watch(self) -> Watch:
        watched = WatchedTickets(self.database, self.data.company.email)
        return Watch(watched, self.data.contracts.calendar, self.now)

    @cached_property
    def mails(self) -> MailStore:
        return MailStore(self.database, self.settings.mails_dir, self.now)

    @cached_property
    def held_mails(self) -> HeldMails:
        return HeldMails(self.mails, self.tickets, self.settings.max_upload_bytes)

    @cached_property
    def clerk(self) -> Clerk:
        settings, correspondents = self.settings, Correspondents(self.database)
        rules = Rules(self.data.company.ticket_prefix, settings.mail_auth_server, settings.mail_most_per_hour)
        sorting = Sorting(self.marks, correspondents, self.data.contracts.company_of, rules, self.now)
        return Clerk(
            self.mails, sorting, correspondents, self.handling, self.attachments, self.outbox, self.marks, self.now,
            max_bytes=settings.mail_max_bytes, max_file_bytes=settings.max_upload_bytes,
        )  # fmt: skip

    @cached_property
    def receiver(self) -> Receiver:
        settings, clerk, inbox, door = self.settings, self.clerk, None, None
        if settings.imap_url:
            done, poll = settings.imap_done_folder, settings.imap_poll_seconds
            inbox = ImapInbox(settings.imap_url, done, settings.mail_max_bytes, poll)
        if settings.lmtp_port:
            door = LmtpDoor(settings.lmtp_port, self.marks.is_ours, settings.mail_max_bytes, clerk.keep)
        return Receiver(clerk, inbox, door)

    @cached_property
    def whatsapp_inbox(self) -> WhatsAppInbox:
        return WhatsAppInbox(self.database, self.now)

    @cached_property
    def whatsapp_sent(self) -> WhatsAppSent:
        return WhatsAppSent(self.database, self.now)

    @cached_property
    def refused_files(self) -> RefusedFiles:
        return RefusedFiles(self.database, self.now)

    @cached_property
    def graph(self) -> GraphApi:
        settings = self.settings
        return GraphApi(settings.whatsapp_graph_url, settings.whatsapp_token, settings.whatsapp_phone_id)

    @cached_property
    def transcriber(self) -> Transcriber | None:
        command = self.settings.whatsapp_transcriber
        return Transcriber(command) if command else None

    @cached_property
    def whatsapp_deliverer(self) -> WhatsAppDeliverer:
        template = self.settings.whatsapp_template
        return WhatsAppDeliverer(self.outbox, self.whatsapp_sent, self.graph, template, self.now)

    async def deliver(self) -> None:
        """What goes out by every channel, what comes in by mail, what runs out and what is forgotten, until cancelled."""
        forgetting = self.privacy.run(self.settings.retention_days, self.settings.keep_loose_uploads_days)
        running = [self.deliverer.run(), self.receiver.run(), self.watch.run(), forgetting]
        if self.settings.has_whatsapp:
            running.append(self.whatsapp_deliverer.run())
        await asyncio.gather(*running)

    def local_now(self) -> datetime:
        """Now, in the desk's zone."""
        return self.now().astimezone(self.data.calendar.zone)

    def fields_of(self, number: str, requester: Requester) -> dict | None:
        """Public fields of a ticket the requester may see; None otherwise."""
        ticket = self.tickets.find(number, requester)
        return ticket_fields(ticket, self.data.calendar.zone) if ticket else None

    @cached_property
    def mailbox(self) -> Mailbox:
        if self.settings.smtp_url:
            return SmtpMailbox(self.settings.smtp_url)
        return FolderMailbox(self.settings.home / "mail")
