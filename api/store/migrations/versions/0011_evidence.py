"""Evidence of entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "entry_evidence",
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.entry_id"], name=op.f("fk_entry_evidence_entry_id_entries")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.upload_id"], name=op.f("fk_entry_evidence_upload_id_uploads")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_entry_evidence")),
    )
    with op.batch_alter_table("entry_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_evidence_entry_id"), ["entry_id"], unique=False)


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("entry_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_evidence_entry_id"))

    op.drop_table("entry_evidence")
