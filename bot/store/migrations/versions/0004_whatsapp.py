"""WhatsApp: what came in, whom it came from, what was sent, and files that were refused"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "whatsapp_envelopes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", Instant(timezone=True), nullable=False),
        sa.Column("split_at", Instant(timezone=True)),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.create_index("ix_whatsapp_envelopes_split_at", "whatsapp_envelopes", ["split_at"])
    op.create_table(
        "whatsapp_updates",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("envelope_id", sa.Integer, sa.ForeignKey("whatsapp_envelopes.id"), nullable=False),
        sa.Column("wamid", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("line", sa.String(200), nullable=False),
        sa.Column("update", sa.JSON, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("retry_at", Instant(timezone=True)),
        sa.Column("handled_at", Instant(timezone=True)),
        sa.Column("failed_at", Instant(timezone=True)),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("wamid", "kind", "status", name="uq_whatsapp_updates_wamid"),
    )
    op.create_index("ix_whatsapp_updates_open", "whatsapp_updates", ["handled_at", "failed_at", "id"])
    op.create_table(
        "whatsapp_people",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("phone", sa.String(20)),
        sa.Column("wa_id", sa.String(20)),
        sa.Column("bsuid", sa.String(150)),
        sa.Column("name", sa.String(200)),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("last_inbound_at", Instant(timezone=True)),
        sa.UniqueConstraint("phone", name="uq_whatsapp_people_phone"),
        sa.UniqueConstraint("bsuid", name="uq_whatsapp_people_bsuid"),
        sa.UniqueConstraint("conversation_id", name="uq_whatsapp_people_conversation_id"),
    )
    op.create_table(
        "whatsapp_sent",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("notice_key", sa.String(200), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("wamid", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.UniqueConstraint("notice_key", "part", name="uq_whatsapp_sent_notice_key"),
    )
    op.create_index("ix_whatsapp_sent_wamid", "whatsapp_sent", ["wamid"])
    op.create_table(
        "refused_files",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("tickets.id")),
        sa.Column("client_id", sa.String(200), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_refused_files_client_id"),
    )
    op.create_index("ix_refused_files_conversation_id", "refused_files", ["conversation_id"])
    op.create_index("ix_refused_files_ticket_id", "refused_files", ["ticket_id"])


def downgrade() -> None:
    for table in ("refused_files", "whatsapp_sent", "whatsapp_people", "whatsapp_updates", "whatsapp_envelopes"):
        op.drop_table(table)
