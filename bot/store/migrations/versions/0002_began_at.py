"""The moment a problem began"""

import sqlalchemy as sa
from alembic import op

import bot.store.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("began_at", bot.store.tables.Instant(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("tickets", "began_at")
