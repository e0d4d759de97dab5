"""The tables. Times are stored in UTC; JSON columns hold what is shown, never what is searched."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC: SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(20), nullable=False),
    # Who it belongs to once an identity was shown; then nobody else may read or write it.
    Column("owner", String(320)),
    # An address proven by a one-time code in an anonymous conversation.
    Column("verified_email", String(320)),
    Column("with_human", Boolean, nullable=False, default=False),
    Column("asking", String(40)),
    # The choices offered last: the only values that may come back as a choice.
    Column("offered", JSON, nullable=False, default=list),
    Column("created_at", Instant, nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("client_id", String(200), nullable=False),
    Column("text", Text),
    Column("choice", Text),
    Column("attachments", JSON, nullable=False, default=list),
    Column("more", Boolean, nullable=False),
    Column("requester", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("deferred_at", Instant),
    Column("tries", Integer, nullable=False, default=0),
    Column("answered_at", Instant),
    # The inbound message whose turn this one was read in: fragments share one turn and one answer.
    Column("turn_id", Integer),
    Column("answer", JSON),
    UniqueConstraint("conversation_id", "client_id", name="uq_inbound_client_id"),
    Index("ix_inbound_open", "answered_at", "conversation_id", "id"),
)

outbound = Table(
    "outbound",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("author", String(10), nullable=False),
    Column("body", JSON, nullable=False),
    Column("reply_to", Integer, ForeignKey("inbound.id")),
    # True for what was not the answer to a request still open: it goes out as an event.
    Column("pushed", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    # What an agent writes must not be said twice: a form's token.
    Column("key", String(100)),
    Index("ix_outbound_conversation", "conversation_id", "id"),
    Index("uq_outbound_key", "key", unique=True),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", String(20), unique=True),
    Column("draft_id", String(64), nullable=False, unique=True),
    Column("status", String(20), nullable=False),
    Column("product", String(60), nullable=False),
    Column("module", String(60)),
    Column("type", String(40), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("who", Text),
    Column("what", Text),
    Column("where", Text),
    Column("when", Text),
    Column("why", Text),
    Column("contact", Text),
    Column("severity", Integer),
    Column("sla_row", String(40)),
    # The moment that `when` speaks of, where it tells one.
    Column("began_at", Instant),
    Column("diagnosis_due", Instant),
    Column("solution_due", Instant),
    # The next moment at which a running clock runs out; None while nothing runs. Derived from clock_events.
    Column("breaches_at", Instant, index=True),
    # When the watch over the deadlines looks at it next; None while there is nothing to watch.
    Column("watch_at", Instant, index=True),
    Column("resolved_at", Instant),
    # Counts the changes, so that two at the same moment cannot overwrite each other.
    Column("version", Integer, nullable=False, default=1),
    # The agent who acted last.
    Column("assignee", String(320)),
    # What search by words looks into: number, subject and whys, without accents and capitals.
    Column("haystack", Text, nullable=False, default=""),
    Column("creator", String(320)),
    # False for an address that was typed but not proven: it gets the copy, and reads nothing.
    Column("creator_verified", Boolean, nullable=False),
    Column("creator_name", String(200)),
    Column("company", String(200)),
    Column("channel", String(20), nullable=False),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("articles_shown", JSON, nullable=False, default=list),
    Column("evidence", JSON, nullable=False, default=dict),
    Column("created_at", Instant, nullable=False),
    Index("ix_tickets_company", "company", "id"),
    Index("ix_tickets_creator", "creator", "id"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(320)),
    Column("body", JSON, nullable=False, default=dict),
)

ticket_messages = Table(
    "ticket_messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False, index=True),
    # What must not be kept twice has the same key: a form's token, an e-mail's Message-ID.
    Column("key", String(300), nullable=False, unique=True),
    Column("author", String(10), nullable=False),
    Column("actor", String(320)),
    Column("actor_name", String(200)),
    Column("channel", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

clock_events = Table(
    "clock_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("clock", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    # In business time of the calendar; set where a clock starts or gets another target.
    Column("target_seconds", Integer),
    Column("severity", Integer),
    Column("calendar", String(200)),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("ticket_id", Integer, ForeignKey("tickets.id"), primary_key=True),
    Column("email", String(320), primary_key=True),
    Column("at", Instant, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), index=True),
    # The answer it came with; None for what was sent before the ticket was filed.
    Column("message_id", Integer, ForeignKey("ticket_messages.id"), index=True),
    Column("name", String(255), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("draft", JSON, nullable=False),
    Column("requester", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    # The agent who answers; None while the person still waits for one.
    Column("agent", String(320)),
    Column("agent_name", String(200)),
    Column("taken_at", Instant),
    # The number of the ticket that came of it.
    Column("ticket", String(20)),
    Column("closed_at", Instant, index=True),
)

# What agents tell each other. A table of its own, so that no road of a customer leads through it.
ticket_notes = Table(
    "ticket_notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("author", String(320), nullable=False),
    Column("author_name", String(200)),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # What must not be sent twice has the same key.
    Column("key", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_until", Instant),
    Column("sent_at", Instant),
    Column("failed_at", Instant),
    Column("error", Text),
    # Of the letter that was sent: a report that it did not arrive names it.
    Column("message_id", String(200), index=True),
    Index("ix_outbox_due", "sent_at", "failed_at", "due_at"),
)

verification_codes = Table(
    "verification_codes",
    metadata,
    Column("conversation_id", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("email", String(320), nullable=False),
    Column("code_sha256", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries_left", Integer, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # The same for a mail that comes twice: bot.channels.mail_in.reading.
    Column("key", String(300), nullable=False, unique=True),
    # Where the bytes lie as they came.
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sender", String(320), index=True),
    Column("subject", String(300), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(300)),
    # The ticket it was put on, or would belong to.
    Column("number", String(20), index=True),
    # True once somebody of the desk vouched for it.
    Column("released", Boolean, nullable=False, default=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("due_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("settled_at", Instant),
    # Who of the desk decided last, by address; None for somebody at the command line.
    Column("decided_by", String(320)),
    Column("decided_at", Instant, index=True),
    Index("ix_mails_due", "state", "due_at"),
)

# All that was decided about a mail, also what a later decision undid.
mail_decisions = Table(
    "mail_decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("mail_id", Integer, ForeignKey("mails.id"), nullable=False, index=True),
    Column("decision", String(20), nullable=False),
    Column("by", String(320)),
    Column("at", Instant, nullable=False),
)

whatsapp_envelopes = Table(
    "whatsapp_envelopes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # The bytes that were signed, as they came.
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("split_at", Instant, index=True),
    # How many of its updates had come before.
    Column("repeats", Integer, nullable=False, default=0),
    Column("error", Text),
)

whatsapp_updates = Table(
    "whatsapp_updates",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("envelope_id", Integer, ForeignKey("whatsapp_envelopes.id"), nullable=False),
    Column("wamid", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    # Whose updates keep their order: see bot.channels.whatsapp_envelope.Update.
    Column("line", String(200), nullable=False),
    Column("update", JSON, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("retry_at", Instant),
    Column("handled_at", Instant),
    Column("failed_at", Instant),
    Column("error", Text),
    UniqueConstraint("wamid", "kind", "status", name="uq_whatsapp_updates_wamid"),
    Index("ix_whatsapp_updates_open", "handled_at", "failed_at", "id"),
)

whatsapp_people = Table(
    "whatsapp_people",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # In canonical form, so that a number with and without the ninth digit is one person.
    Column("phone", String(20), unique=True),
    # The number as the network writes it; what messages are sent to.
    Column("wa_id", String(20)),
    Column("bsuid", String(150), unique=True),
    Column("name", String(200)),
    # Drawn at random: nothing of the person leads to it.
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False, unique=True),
    Column("last_inbound_at", Instant),
)

whatsapp_sent = Table(
    "whatsapp_sent",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # The notice it belongs to, and its place in it: a long text goes out in several parts.
    Column("notice_key", String(200), nullable=False),
    Column("part", Integer, nullable=False),
    Column("wamid", String(200), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("notice_key", "part", name="uq_whatsapp_sent_notice_key"),
)

refused_files = Table(
    "refused_files",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), index=True),
    # What makes a repeat harmless: the message that brought the file.
    Column("client_id", String(200), nullable=False),
    Column("name", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("conversation_id", "client_id", name="uq_refused_files_client_id"),
)

people = Table(
    "people",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("name", String(200)),
    Column("company", String(200)),
    Column("role", String(20), nullable=False),
    # When a token of the host last spoke of the person, to the day.
    Column("seen_at", Instant, nullable=False),
    # What the person wants to be called; stronger than what tokens say.
    Column("chosen_name", String(200)),
    # When the person left on all devices: sessions that began before are over.
    Column("left_at", Instant),
)

# What was written on a ticket when the session was over already: one text of a person on a ticket, until it is sent.
unsent_texts = Table(
    "unsent_texts",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("number", String(20), primary_key=True),
    # Of the form it was written in: what was sent under it is not sent again.
    Column("key", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("had_files", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("email", String(320), nullable=False, index=True),
    # The browser that asked, by a hash of what only it holds; the client by a hash of its network address.
    Column("browser", String(64), nullable=False, index=True),
    Column("client", String(64), nullable=False, index=True),
    # Where the person wanted to go: a path of ours.
    Column("next", String(500), nullable=False),
    Column("code_sha256", String(64), nullable=False),
    Column("link_sha256", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("used_at", Instant),
)

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("nonce", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
)
