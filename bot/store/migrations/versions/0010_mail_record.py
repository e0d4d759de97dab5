"""Every decision about a mail, also one that was undone"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("by", sa.String(320)),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"]),
        sa.PrimaryKeyConstraint("id", name="pk_mail_decisions"),
    )
    op.create_index("ix_mail_decisions_mail_id", "mail_decisions", ["mail_id"])
    op.execute(
        """INSERT INTO mail_decisions (mail_id, decision, "by", "at")
        SELECT id, CASE WHEN state = 'discarded' THEN 'discarded' WHEN released THEN 'released' ELSE 'retried' END,
            decided_by, decided_at
        FROM mails WHERE decided_at IS NOT NULL ORDER BY decided_at, id"""
    )


def downgrade() -> None:
    op.drop_table("mail_decisions")
