"""What happens to a ticket after it was filed: messages, clocks, subscribers"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant
from bot.text import plain

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SEARCHED = ("number", "subject", "who", "what", "where", "when", "why")


def upgrade() -> None:
    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(320)),
        sa.Column("actor_name", sa.String(200)),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_messages"),
        sa.UniqueConstraint("key", name="uq_ticket_messages_key"),
    )
    op.create_index("ix_ticket_messages_ticket_id", "ticket_messages", ["ticket_id"])
    op.create_table(
        "clock_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("clock", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("target_seconds", sa.Integer()),
        sa.Column("severity", sa.Integer()),
        sa.Column("calendar", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_clock_events"),
    )
    op.create_index("ix_clock_events_ticket_id", "clock_events", ["ticket_id"])
    op.create_table(
        "subscriptions",
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "email", name="pk_subscriptions"),
    )
    op.add_column("tickets", sa.Column("breaches_at", Instant(timezone=True)))
    op.add_column("tickets", sa.Column("resolved_at", Instant(timezone=True)))
    op.add_column("tickets", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tickets", sa.Column("assignee", sa.String(320)))
    op.add_column("tickets", sa.Column("haystack", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_tickets_breaches_at", "tickets", ["breaches_at"])
    with op.batch_alter_table("attachments") as batch:
        batch.add_column(sa.Column("message_id", sa.Integer()))
        batch.create_foreign_key("fk_attachments_message_id", "ticket_messages", ["message_id"], ["id"])
        batch.create_index("ix_attachments_message_id", ["message_id"])
    _fill_haystacks()


def _fill_haystacks() -> None:
    tickets = sa.table("tickets", sa.column("id"), sa.column("haystack"), *(sa.column(name) for name in _SEARCHED))
    connection = op.get_bind()
    for row in connection.execute(sa.select(tickets)).all():
        told = plain(" ".join(getattr(row, name) or "" for name in _SEARCHED))
        connection.execute(sa.update(tickets).where(tickets.c.id == row.id).values(haystack=told))


def downgrade() -> None:
    with op.batch_alter_table("attachments") as batch:
        batch.drop_index("ix_attachments_message_id")
        batch.drop_constraint("fk_attachments_message_id", type_="foreignkey")
        batch.drop_column("message_id")
    op.drop_index("ix_tickets_breaches_at", "tickets")
    for column in ("haystack", "assignee", "version", "resolved_at", "breaches_at"):
        op.drop_column("tickets", column)
    for table in ("subscriptions", "clock_events", "ticket_messages"):
        op.drop_table(table)
