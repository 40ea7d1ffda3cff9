"""Whether a pin is fixed or preferred."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    with op.batch_alter_table("pins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=True))


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("pins", schema=None) as batch_op:
        batch_op.drop_column("kind")
