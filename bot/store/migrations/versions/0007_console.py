"""The console: who answers a conversation, internal notes, and messages of agents that are kept once"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("handovers", sa.Column("agent", sa.String(320)))
    op.add_column("handovers", sa.Column("agent_name", sa.String(200)))
    op.add_column("handovers", sa.Column("taken_at", Instant(timezone=True)))
    op.add_column("handovers", sa.Column("ticket", sa.String(20)))
    op.create_index("ix_handovers_closed_at", "handovers", ["closed_at"])
    op.add_column("outbound", sa.Column("key", sa.String(100)))
    op.create_index("uq_outbound_key", "outbound", ["key"], unique=True)
    op.create_table(
        "ticket_notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("author_name", sa.String(200)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_notes"),
        sa.UniqueConstraint("key", name="uq_ticket_notes_key"),
    )
    op.create_index("ix_ticket_notes_ticket_id", "ticket_notes", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("ticket_notes")
    op.drop_index("uq_outbound_key", "outbound")
    op.drop_column("outbound", "key")
    op.drop_index("ix_handovers_closed_at", "handovers")
    for column in ("ticket", "taken_at", "agent_name", "agent"):
        op.drop_column("handovers", column)
