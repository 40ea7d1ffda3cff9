"""The enterprise side: slots chosen, complaints, ratings, the doors that were rated, and what is given to read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "contents",
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("body_zh", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("published_from", sa.String(), nullable=False),
        sa.Column("published_until", sa.String(), nullable=True),
        sa.Column("written_at", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("content_id", "version", name=op.f("pk_contents")),
    )
    op.create_table(
        "ratings",
        sa.Column("rating_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("street_id", sa.String(), nullable=False),
        sa.Column("authority_ids", sa.String(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("rating_id", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ratings_month"), ["month"], unique=False)

    op.create_table(
        "chosen_slots",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("horizon_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("pin_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_chosen_slots_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "horizon_id", "visit_id", name=op.f("pk_chosen_slots")),
    )
    op.create_table(
        "complaints",
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.Column("receipt_digest", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=True),
        sa.Column("street_id", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_complaints_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("receipt_digest", name=op.f("uq_complaints_receipt_digest")),
    )
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaints_enterprise_id_date"), ["enterprise_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaints_state_date"), ["state", "date"], unique=False)

    op.create_table(
        "rated_doors",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_rated_doors_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "door", name=op.f("pk_rated_doors")),
    )


def downgrade() -> None:
    """Take the tables back."""
    op.drop_table("rated_doors")
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaints_state_date"))
        batch_op.drop_index(batch_op.f("ix_complaints_enterprise_id_date"))

    op.drop_table("complaints")
    op.drop_table("chosen_slots")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ratings_month"))

    op.drop_table("ratings")
    op.drop_table("contents")
