"""Wire schemas of outcomes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from api.bodies import CSV, JSON, MAX_ROWS, XLSX
from api.reference.schemas import row_schema

OUTCOMES_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "properties": {
                    "horizon_id": {"type": "string", "minLength": 1, "maxLength": 100},
                    "outcomes": {"type": "array", "items": row_schema("outcomes"), "maxItems": MAX_ROWS},
                },
                "required": ["horizon_id", "outcomes"],
                "additionalProperties": False,
            },
        },
        CSV: {"schema": {"type": "string"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    },
}
"""OpenAPI of a body that holds outcomes; as a file its horizon is in the address."""


class RecordedOut(BaseModel):
    """How many outcomes of a body are new, correct one that was there, or were there already."""

    new: int
    corrected: int
    unchanged: int


class OutcomeOut(BaseModel):
    """What became of a visit."""

    outcome_id: str
    horizon_id: str
    schedule_id: str
    street_id: str
    enterprise_id: str
    visit_id: str
    date: str
    outcome: str
    minutes: int | None
    left_items: str | None
    recorded_at: str
    recorded_by: str


class OutcomePage(BaseModel):
    """A page of outcomes."""

    items: list[OutcomeOut]
    next_cursor: str | None
