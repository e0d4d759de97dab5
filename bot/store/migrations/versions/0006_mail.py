"""Mail that came in, which letter a row of the outbox became, and when the deadlines of a ticket are looked at"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(320)),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("received_at", Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300)),
        sa.Column("number", sa.String(20)),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("claimed_until", Instant(timezone=True)),
        sa.Column("settled_at", Instant(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("key", name="uq_mails_key"),
    )
    op.create_index("ix_mails_sender", "mails", ["sender"])
    op.create_index("ix_mails_number", "mails", ["number"])
    op.create_index("ix_mails_due", "mails", ["state", "due_at"])
    op.add_column("outbox", sa.Column("message_id", sa.String(200)))
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])
    op.add_column("tickets", sa.Column("watch_at", Instant(timezone=True)))
    op.create_index("ix_tickets_watch_at", "tickets", ["watch_at"])
    op.execute("UPDATE tickets SET watch_at = created_at WHERE breaches_at IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_tickets_watch_at", "tickets")
    op.drop_column("tickets", "watch_at")
    op.drop_index("ix_outbox_message_id", "outbox")
    op.drop_column("outbox", "message_id")
    op.drop_table("mails")
