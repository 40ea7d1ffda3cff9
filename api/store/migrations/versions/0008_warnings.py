"""Warnings about what happened at the door: their rules, steps and evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "missed_scans",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("street_id", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("horizon_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("item_ids", sa.String(), nullable=False),
        sa.Column("found_at", sa.String(), nullable=False),
        sa.Column("explained_at", sa.String(), nullable=True),
        sa.Column("explained_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_missed_scans")),
    )
    with op.batch_alter_table("missed_scans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_missed_scans_authority_id_date"), ["authority_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_missed_scans_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_missed_scans_explained_at_date"), ["explained_at", "date"], unique=False)

    op.create_table(
        "warning_rules",
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("officers", sa.Integer(), nullable=True),
        sa.Column("chance", sa.Float(), nullable=True),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("exempt_triggers", sa.String(), nullable=True),
        sa.Column("since", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_warning_rules")),
    )
    op.create_table(
        "warnings",
        sa.Column("warning_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("street_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.String(), nullable=False),
        sa.Column("changed_at", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("warning_id", name=op.f("pk_warnings")),
    )
    with op.batch_alter_table("warnings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warnings_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_warnings_kind_district_id_date"), ["kind", "district_id", "date"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_warnings_raised_at_warning_id"), ["raised_at", "warning_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warnings_street_id_raised_at"), ["street_id", "raised_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_warnings_subject_kind"), ["subject", "kind"], unique=False)

    op.create_table(
        "watch_marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watch_marks")),
    )
    op.create_table(
        "warning_authorities",
        sa.Column("warning_id", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["warning_id"],
            ["warnings.warning_id"],
            name=op.f("fk_warning_authorities_warning_id_warnings"),
        ),
        sa.PrimaryKeyConstraint("warning_id", "authority_id", name=op.f("pk_warning_authorities")),
    )
    with op.batch_alter_table("warning_authorities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warning_authorities_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "warning_steps",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("warning_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["warnings.warning_id"], name=op.f("fk_warning_steps_warning_id_warnings")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_warning_steps")),
    )
    with op.batch_alter_table("warning_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warning_steps_warning_id"), ["warning_id"], unique=False)


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("warning_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warning_steps_warning_id"))

    op.drop_table("warning_steps")
    with op.batch_alter_table("warning_authorities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warning_authorities_authority_id"))

    op.drop_table("warning_authorities")
    op.drop_table("watch_marks")
    with op.batch_alter_table("warnings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warnings_subject_kind"))
        batch_op.drop_index(batch_op.f("ix_warnings_street_id_raised_at"))
        batch_op.drop_index(batch_op.f("ix_warnings_raised_at_warning_id"))
        batch_op.drop_index(batch_op.f("ix_warnings_kind_district_id_date"))
        batch_op.drop_index(batch_op.f("ix_warnings_enterprise_id"))

    op.drop_table("warnings")
    op.drop_table("warning_rules")
    with op.batch_alter_table("missed_scans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_missed_scans_explained_at_date"))
        batch_op.drop_index(batch_op.f("ix_missed_scans_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_missed_scans_authority_id_date"))

    op.drop_table("missed_scans")
