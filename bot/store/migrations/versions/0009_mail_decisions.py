"""Who decided about a mail that was set aside, and when"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("decided_by", sa.String(320)))
    op.add_column("mails", sa.Column("decided_at", Instant(timezone=True)))
    op.create_index("ix_mails_decided_at", "mails", ["decided_at"])


def downgrade() -> None:
    op.drop_index("ix_mails_decided_at", "mails")
    op.drop_column("mails", "decided_at")
    op.drop_column("mails", "decided_by")
