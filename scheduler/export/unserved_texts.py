"""What is said of an unserved item: our sentence from typed reasons, or another writer's words as they came."""

from __future__ import annotations

from scheduler.domain.schedule import Reason, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import relaxation_sentence, sentence
from scheduler.export.wording import REASONS, join
from scheduler.texts import Lang

STATED_CODE = "stated_code"
"""Fact of a reason whose code is another writer's; such a reason is read as ``capacity``, the one code that claims
nothing about the item itself."""
STATED_TEXT = "stated_text"
"""Fact with another writer's explanation (on the first reason) or relaxation (of kind ``several``)."""


def reason_codes(unserved: Unserved) -> tuple[str, ...]:
    """Return the codes of an unserved item's reasons, another writer's as they came."""
    return tuple(dict(r.facts).get(STATED_CODE, r.code.value) for r in unserved.reasons)


def reason_text(reason: Reason, lang: Lang) -> str:
    """Return the short name of a reason, another writer's code as it came."""
    return dict(reason.facts).get(STATED_CODE) or REASONS[reason.code].say(lang)


def explanation(snapshot: PlanningSnapshot, unserved: Unserved, lang: Lang) -> str:
    """Return one sentence that says why the item is not served."""
    stated = dict(unserved.reasons[0].facts).get(STATED_TEXT) if unserved.reasons else None
    if stated is not None:
        return stated
    names = join([reason_text(r, lang) for r in unserved.reasons], lang)
    if any(STATED_CODE in dict(r.facts) for r in unserved.reasons):
        return names
    try:
        return sentence(snapshot, unserved, lang)
    except (KeyError, ValueError):  # another writer gives our codes without the figures that our sentences need
        return names


def relaxation(snapshot: PlanningSnapshot, unserved: Unserved, lang: Lang) -> str:
    """Return one sentence with the cheapest change that would let the item be served, or "" when none is known."""
    if unserved.relaxation is None:
        return ""
    stated = dict(unserved.relaxation.facts).get(STATED_TEXT)
    if stated is not None:
        return stated
    try:
        return relaxation_sentence(snapshot, unserved, lang)
    except (KeyError, ValueError):
        return unserved.relaxation.kind.value
