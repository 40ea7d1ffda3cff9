"""``onevisit draw``: commitments to seeds, draws of officers and targets as folders, and their verification."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.failures import DONE, FOUND_WRONG, CommandError
from api.folders import require_there, require_writable
from api.reading import read_planned
from api.shell import Shell, say, write, write_json
from scheduler.domain.schedule import JointVisit
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.officers import Lack, draw_officers
from scheduler.draw.record import (
    kind_of,
    officers_record,
    targets_record,
    verify_officers,
    verify_targets,
)
from scheduler.draw.roster import Roster
from scheduler.draw.stream import SEED_BYTES, commitment_of, seed_of
from scheduler.draw.targets import BadTargets, Stratum, TargetPlan, draw_targets, target_plan
from scheduler.export.draw_files import ITEMS, RECORD, TEAMS, write_draw
from scheduler.export.draw_rows import ITEM_COLUMNS, TEAM_COLUMNS, item_values, lack_values, team_figures, team_values
from scheduler.texts import Text

_COMMITTED = Text(
    "承诺值（请立即公布）：{commitment}\n种子保存在 {path}，抽取之前请保密。",
    "Commitment, publish it now: {commitment}\nThe seed is in {path}; keep it secret until the draw.",
)
_EXISTS = Text("{path} 已存在，不会覆盖", "{path} is there already and is not overwritten")
_BAD_SEED_FILE = Text(
    "{path} 不是 onevisit draw commit 生成的种子文件", "{path} is no seed file of onevisit draw commit"
)
_DRAWN = Text(
    "已为 {crews:,} 个班组班次抽取 {officers:,} 名人员；每人 {least} 至 {most} 个班次。已写入 {out}。",
    "Drew {officers:,} officers for {crews:,} crew shifts, {least} to {most} each. Written to {out}.",
)
_LACK = Text(
    "部门{authority}在{day} {shift}缺{missing}人：需要{needed}人；共{officers}人，其中{uncertified}人无有效证件，"
    "{absent}人不在岗，{kept_away}人因回避或上次已去而不能去某些班次。",
    "Authority {authority} lacks {missing} on {day} {shift}: {needed} are needed; of {officers} officers "
    "{uncertified} have no valid certificate, {absent} are absent, {kept_away} may not come to some crew shifts "
    "(recused, or there last time).",
)
_NO_DRAW = Text(
    "无法抽取：{count} 个日期和班次缺少人员。", "Nothing was drawn: {count} dates and shifts lack officers."
)
_STRATUM = Text(
    "信用等级{credit_class}、行业{industry}：{size} 家，按{ratio}抽取 {wanted} 家，"
    "剔除近期已查 {excluded} 家，缺 {short} 家",
    "class {credit_class}, industry {industry}: {size} enterprises, {wanted} wanted at {ratio}; {excluded} visited "
    "lately, {short} short",
)
_TARGETS = Text("抽中 {count:,} 家；事项已写入 {out}。", "{count:,} targets; their items are in {out}.")
_TRUE = Text("真实：重新抽取结果一致。", "True: drawing again gives the same.")
_FALSE = Text("不真实：", "False:")
_NEEDS = Text("验证人员抽取须给出 --schedule 和 --roster", "a draw of officers needs --schedule and --roster")
_NO_RECORD = Text("{path} 中没有抽取记录 draw.json", "{path} has no record of a draw, draw.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRequest:
    """Which targets to draw; dates that are not given are those of the horizon."""

    case: Path
    strata: Path
    schedule: Path | None
    authority_id: str
    draw_id: str
    duration_min: int
    first: int | None
    last: int | None
    priority: str | None
    exclude_days: int


def commit(shell: Shell, purpose: str, out: Path) -> int:
    """Write a new seed to a file that only its owner reads, and show its commitment; return the exit code."""
    seed = secrets.token_bytes(SEED_BYTES)
    commitment = commitment_of(seed, purpose)
    text = json.dumps({"purpose": purpose, "seed": seed.hex(), "commitment": commitment}, ensure_ascii=False, indent=2)
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandError(_EXISTS, path=out) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    if shell.as_json:
        write_json({"ok": True, "commitment": commitment, "purpose": purpose, "seed_file": str(out.absolute())})
    else:
        say(shell, _COMMITTED, commitment=commitment, path=out)
    return DONE


def draw_teams(shell: Shell, case: Path, schedule: Path, roster: Path, seed_file: Path, public: str, out: Path) -> int:
    """Draw officers and write the teams with the record; return the exit code, 1 where officers are lacking."""
    require_there((roster, seed_file))
    require_writable(out)
    _require_new(out)
    seed, purpose = _seed(seed_file)
    snapshot, [(plan, _)] = read_planned(case, (schedule,))
    people = _roster(roster, snapshot)
    found = draw_officers(plan, people, seed, public)
    if found.lacks:
        return _show_lacks(shell, found.lacks)
    record = officers_record(plan, people, found, seed, purpose, public)
    _write(out, record, TEAMS, TEAM_COLUMNS, team_values(plan, people, found))
    figures = team_figures(people, found)
    if shell.as_json:
        write_json({"ok": True, **figures, "commitment": record["commitment"], "out": str(out.absolute())})
    else:
        say(shell, _DRAWN, **figures, out=out)
    return DONE


def draw_enterprises(shell: Shell, request: TargetRequest, seed_file: Path, public: str, out: Path) -> int:
    """Draw targets and write their plan items with the record; return the exit code."""
    from scheduler.intake.roster import read_strata

    require_there((request.strata, seed_file))
    require_writable(out)
    _require_new(out)
    seed, purpose = _seed(seed_file)
    snapshot, visits = _with_visits(request.case, request.schedule)
    plan = _target_plan(snapshot, request, read_strata(request.strata.read_bytes()))
    found = draw_targets(snapshot, visits, plan, seed, public)
    record = targets_record(snapshot, visits, plan, found, seed, purpose, public)
    _write(out, record, ITEMS, ITEM_COLUMNS, item_values(found))
    if shell.as_json:
        write_json({"ok": True, "strata": record["strata"], "items": len(found.items), "out": str(out.absolute())})
        return DONE
    for d in found.strata:
        say(
            shell,
            _STRATUM,
            credit_class=d.stratum.credit_class,
            industry=d.stratum.industry,
            ratio=d.stratum.ratio,
            size=d.size,
            wanted=d.wanted,
            excluded=len(d.excluded),
            short=d.short,
        )
    say(shell, _TARGETS, count=len(found.items), out=out / ITEMS)
    return DONE


def verify(
    shell: Shell, folder: Path, case: Path, schedule: Path | None, roster: Path | None, commitment: str | None
) -> int:
    """Draw again from the record and say whether it is true; return 0 when it is, 1 when it is not."""
    require_there([p for p in (folder, roster) if p is not None])
    record = _record(folder)
    if kind_of(record) == "targets":
        snapshot, visits = _with_visits(case, schedule)
        findings = verify_targets(record, snapshot, visits, commitment)
    else:
        if schedule is None or roster is None:
            raise CommandError(_NEEDS)
        snapshot, [(plan, _)] = read_planned(case, (schedule,))
        findings = verify_officers(record, plan, _roster(roster, snapshot), commitment)
    said = [f.sentence(shell.lang) for f in findings]
    if shell.as_json:
        write_json({"ok": not findings, "true": not findings, "findings": said})
    elif findings:
        say(shell, _FALSE)
        for sentence in said:
            write(shell.out, f"  {sentence}")
    else:
        say(shell, _TRUE)
    return FOUND_WRONG if findings else DONE


def _show_lacks(shell: Shell, lacks: Sequence[Lack]) -> int:
    values = [lack_values(k) for k in lacks]
    if shell.as_json:
        write_json({"ok": False, "lacks": values})
        return FOUND_WRONG
    for facts in values:
        say(shell, _LACK, **facts)
    say(shell, _NO_DRAW, count=len(values))
    return FOUND_WRONG


def _seed(path: Path) -> tuple[bytes, str]:
    try:
        content = json.loads(path.read_text("utf-8"))
        return seed_of(content["seed"]), str(content["purpose"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(_BAD_SEED_FILE, path=path) from error


def _record(folder: Path) -> Mapping[str, Any]:
    path = folder / RECORD
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(_NO_RECORD, path=folder) from error
    if not isinstance(record, dict):
        raise CommandError(_NO_RECORD, path=folder)
    return record


def _with_visits(case: Path, schedule: Path | None) -> tuple[PlanningSnapshot, tuple[JointVisit, ...]]:
    """Return a case and the visits of its schedule, none where there is no schedule."""
    snapshot, plans = read_planned(case, () if schedule is None else (schedule,))
    return snapshot, tuple(v for plan, _ in plans for v in plan.visits)


def _roster(folder: Path, snapshot: PlanningSnapshot) -> Roster:
    from scheduler.intake.roster import read_roster, roster_files

    return read_roster(roster_files(folder), snapshot)


def _target_plan(snapshot: PlanningSnapshot, request: TargetRequest, strata: Sequence[Stratum]) -> TargetPlan:
    try:
        return target_plan(
            snapshot,
            draw_id=request.draw_id,
            authority_id=request.authority_id,
            strata=strata,
            duration_min=request.duration_min,
            earliest=request.first,
            latest=request.last,
            priority=request.priority,
            exclude_days=request.exclude_days,
        )
    except BadTargets as error:
        raise CommandError(error.text, **error.facts) from error


def _require_new(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CommandError(_EXISTS, path=out)


def _write(
    out: Path, record: Mapping[str, Any], name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write the record and a table; the folder appears whole or not at all."""
    from scheduler.export.bundle import beside, swap

    with beside(out) as aside:
        new = aside / "new"
        new.mkdir()
        write_draw(new, record, name, columns, rows)
        swap(new, out.absolute(), aside / "old")
