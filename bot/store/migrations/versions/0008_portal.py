"""The portal: what a person wrote when their session was over, the name they chose, and leaving everywhere at once"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsent_texts",
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("had_files", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", "number", name="pk_unsent_texts"),
    )
    op.add_column("people", sa.Column("chosen_name", sa.String(200)))
    op.add_column("people", sa.Column("left_at", Instant(timezone=True)))


def downgrade() -> None:
    for column in ("left_at", "chosen_name"):
        op.drop_column("people", column)
    op.drop_table("unsent_texts")
