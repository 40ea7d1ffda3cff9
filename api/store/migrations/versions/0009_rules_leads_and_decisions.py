"""What flows back into the plan: rules, leads, decisions on proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "feedback_rules",
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("strength", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("lead", sa.String(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_feedback_rules")),
    )
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("street_id", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reference_no", sa.String(), nullable=True),
        sa.Column("received", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name=op.f("fk_leads_authority_id_authorities")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_leads_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leads_authority_id_state"), ["authority_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_leads_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_leads_street_id"), ["street_id"], unique=False)

    op.create_table(
        "proposal_decisions",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("horizon_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("street_id", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["horizon_id"], ["horizons.horizon_id"], name=op.f("fk_proposal_decisions_horizon_id_horizons")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_decisions")),
    )
    with op.batch_alter_table("proposal_decisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_proposal_decisions_horizon_id_authority_id"), ["horizon_id", "authority_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_proposal_decisions_kind_enterprise_id"), ["kind", "enterprise_id"], unique=False
        )


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("proposal_decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_decisions_kind_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_decisions_horizon_id_authority_id"))

    op.drop_table("proposal_decisions")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leads_street_id"))
        batch_op.drop_index(batch_op.f("ix_leads_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_leads_authority_id_state"))

    op.drop_table("leads")
    op.drop_table("feedback_rules")
