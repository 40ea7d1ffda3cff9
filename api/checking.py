"""``onevisit check`` and ``onevisit validate``: what is wrong with a schedule, and with a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.failures import DONE, FOUND_WRONG
from api.folders import require_there
from api.reading import read_planned
from api.results import terms_table
from api.shell import Shell, note, say, write, write_json
from scheduler.domain.schedule import TERMS
from scheduler.texts import Lang, Text

SHOWN = 100
"""Violations that the text shows; JSON has them all."""

_TOLERANCE = 1e-6
_GOOD = Text("没有违反任何规则，指标与汇总一致。", "No rule is broken, and the summary's terms agree.")
_BAD = Text(
    "违反规则 {violations:,} 处，汇总不一致 {differences:,} 处。",
    "{violations:,} violation(s), {differences:,} difference(s) in the summary.",
)
_MORE = Text("…… 另有 {count:,} 处", "… and {count:,} more")
_TERM_DIFFERS = Text(
    "汇总中 {term} 为 {stated}，重新计算为 {value}", "the summary states {term} {stated}, it is {value}"
)
_BOUND_ABOVE = Text(
    "汇总中 {term} 的下界 {bound} 高于其值 {value}", "the summary's bound {bound} of {term} is above its value {value}"
)
_OTHER_CASE = Text(
    "提醒：排程汇总中的案例摘要与此案例不同，排程可能由该案例的另一版本生成。",
    "Note: the schedule names another digest of the case; it may have been made from another version of it.",
)
_SOUND = Text(
    "案例“{name}”可以使用：{items:,} 项，{enterprises:,} 家企业，{streets:,} 个街道，{days:,} 个检查日。",
    'The case "{name}" can be used: {items:,} items, {enterprises:,} enterprises, {streets:,} streets, '
    "{days:,} inspection dates.",
)


def check_schedule(shell: Shell, case: Path, folder: Path) -> int:
    """Check a schedule folder against a case and show every violation; return the exit code.

    Raises
    ------
    InvalidCase, InvalidSchedule : one of the two cannot be read.
    """
    from scheduler.rules import check
    from scheduler.score import score

    snapshot, [(schedule, summary)] = read_planned(case, (folder,))
    violations = check(snapshot, schedule)
    terms = score(snapshot, schedule).as_dict()
    found = [{"code": v.code, "sentence": v.sentence(shell.lang), "ids": list(v.ids)} for v in violations]
    same_case = schedule.snapshot_digest == snapshot.digest()
    if not same_case and not shell.as_json:
        note(shell, _OTHER_CASE)
    return show_judgement(shell, found, len(found), terms, summary, same_case=same_case)


def show_judgement(
    shell: Shell,
    violations: Sequence[Mapping[str, Any]],
    count: int,
    terms: Mapping[str, int],
    summary: Mapping[str, Any],
    **more: Any,
) -> int:
    """Show what a schedule breaks and what it amounts to; return the exit code.

    Parameters
    ----------
    violations : code, sentence and ids of each; `count` may be more than these.
    summary : of the schedule, with the terms and bounds that it states.
    more : further facts for programs.
    """
    differences = differences_of(terms, summary, shell.lang)
    wrong = bool(count or differences)
    bounds = summary.get("bounds") or {}
    if shell.as_json:
        found = {
            "ok": not wrong,
            "violations": list(violations),
            "differences": differences,
            "terms": dict(terms),
            "stated_terms": summary.get("terms"),
            "bounds": summary.get("bounds"),
        }
        write_json({**found, **more})
        return FOUND_WRONG if wrong else DONE
    for violation in violations[:SHOWN]:
        write(shell.out, violation["sentence"])
    if count > SHOWN:
        say(shell, _MORE, count=count - SHOWN)
    for difference in differences:
        write(shell.out, difference)
    shell.out.print(terms_table(terms, bounds, _gaps(terms, bounds), shell.lang))
    say(shell, _BAD if wrong else _GOOD, violations=count, differences=len(differences))
    return FOUND_WRONG if wrong else DONE


def differences_of(terms: Mapping[str, int], summary: Mapping[str, Any], lang: Lang) -> list[str]:
    """Return where a summary states other terms, or bounds above them, as sentences."""
    stated, bounds = summary.get("terms") or {}, summary.get("bounds") or {}
    out = []
    for term in TERMS:
        value, bound = terms[term], bounds.get(term)
        if stated.get(term) != value:
            out.append(_TERM_DIFFERS.say(lang, term=term, stated=stated.get(term), value=value))
        if bound is not None and bound > value + _TOLERANCE:
            out.append(_BOUND_ABOVE.say(lang, term=term, bound=bound, value=value))
    return out


def _gaps(terms: Mapping[str, int], bounds: Mapping[str, Any]) -> dict[str, float | None]:
    return {t: (terms[t] - b) / b if (b := bounds.get(t)) else (0.0 if b == terms[t] else None) for t in TERMS}


def validate(shell: Shell, sources: tuple[Path, ...]) -> int:
    """Show every problem of a case; return the exit code, which warnings leave at 0.

    Raises
    ------
    InvalidCase : the case has errors; it holds every one of them, and the warnings.
    """
    from scheduler.intake.read import read_case
    from scheduler.intake.report import as_json, render_text

    require_there(sources)
    read = read_case(sources[0] if len(sources) == 1 else sources)
    snapshot = read.snapshot
    counts = {
        "items": len(snapshot.items),
        "enterprises": len(snapshot.enterprises),
        "streets": len(snapshot.streets),
        "days": len(snapshot.calendar.days),
    }
    if shell.as_json:
        problems = as_json(read.warnings)
        write_json(
            {"ok": True, "name": snapshot.name, "case_digest": snapshot.digest(), **counts, "problems": problems}
        )
        return DONE
    write(shell.out, render_text(read.warnings, shell.lang))
    say(shell, _SOUND, name=snapshot.name, **counts)
    return DONE
