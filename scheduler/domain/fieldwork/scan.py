"""The answer at the door: may these officers enter, and if not, why, and what is the lawful way in.

Before the door officers are let in or not. Who is inside already (an emergency, a scan made up for later) is put on
record whatever is wrong, with what is wrong as flags: a refusal would only lose the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.fieldwork.kinds import EntryPath, ScanStatus
from scheduler.explain.facts import iso
from scheduler.texts import Lang, Text

MIN_OFFICERS = 2
"""Certified officers of each authority on site, at least (不得少于2人)."""

BACKFILL_DAYS = 10
"""Natural days within which a scan that could not be made is made up for (深府规〔2025〕6号, as reported)."""

CLOCK_SLACK_MIN = 5
"""Minutes by which a device's clock may differ from ours without a word; our assumption."""

PAPERS_WORKING_DAYS = 2
"""Working days after an emergency within which its approval papers are to be complete; our assumption."""


class Denial(StrEnum):
    """Why officers may not enter, in the order in which they are told."""

    NO_VISIT = "no_visit"
    OTHER_DATE = "other_date"
    HAS_ENDED = "has_ended"
    NOT_APPROVED = "not_approved"
    NOT_OF_PLAN = "not_of_plan"
    NO_ITEMS = "no_items"
    NOT_LISTED = "not_listed"
    NO_APPROVAL_NO = "no_approval_no"
    NO_REASON = "no_reason"
    TOO_FEW_OFFICERS = "too_few_officers"
    UNKNOWN_OFFICER = "unknown_officer"
    OTHER_AUTHORITY = "other_authority"
    CERTIFICATE = "certificate"
    NOT_DRAWN = "not_drawn"
    RECUSED = "recused"
    ABSENT = "absent"


_OFF_PLAN_WAY = Text(
    "如确需检查：经本机关负责人批准后凭批准文号扫码入企；"
    "紧急情况可先入企，离开前扫码，并在 {papers} 个工作日内补齐手续",
    "if it is needed: get the approval of the head of the body and scan with its number; in an emergency enter, scan "
    "before leaving, and complete the papers within {papers} working day(s)",
)
_OTHERS_WAY = Text(
    "请由其他符合条件的人员到场，或重新抽取人员", "let another officer come who may, or have officers drawn again"
)
_WORDS: dict[Denial, tuple[Text, Text]] = {
    Denial.NO_VISIT: (
        Text("今日没有本部门对该企业的已发布检查", "no published visit of this authority is here today"),
        _OFF_PLAN_WAY,
    ),
    Denial.OTHER_DATE: (
        Text("已发布的检查在 {days}，不在今日", "the published visit is on {days}, not today"),
        Text(
            "请按排程日期入企，或由街道办调整排程；{off_plan}",
            "come on the date of the schedule, or have the street office move it; {off_plan}",
        ),
    ),
    Denial.HAS_ENDED: (
        Text("本次检查已离场结束", "this visit has ended"),
        Text("再次入企须另行批准", "to enter again takes an approval of its own"),
    ),
    Denial.NOT_APPROVED: (
        Text("事项 {what} 已撤回或未经批准", "item {what} was withdrawn or is not approved"),
        Text("只检查仍在批准计划中的事项", "inspect only the items that are approved still"),
    ),
    Denial.NOT_OF_PLAN: (
        Text("事项 {what} 不在本次检查的计划中", "item {what} is not one of this visit"),
        Text("只检查计划内事项；新增事项须另行批准", "inspect the planned items; another one takes an approval"),
    ),
    Denial.NO_ITEMS: (
        Text("没有说明检查事项", "no item is named"),
        Text("请填写检查事项代码", "name the codes of the items"),
    ),
    Denial.NOT_LISTED: (
        Text("事项 {what}：{why}", "item {what}: {why}"),
        Text("清单之外不得检查", "what is not on the published list must not be inspected"),
    ),
    Denial.NO_APPROVAL_NO: (
        Text("计划外检查没有批准文号", "an inspection off plan needs the number of its approval"),
        _OFF_PLAN_WAY,
    ),
    Denial.NO_REASON: (
        Text("没有说明紧急情况的理由", "the reason of the emergency is missing"),
        Text("请写明理由", "say the reason"),
    ),
    Denial.TOO_FEW_OFFICERS: (
        Text("本部门执法人员 {num} 人，不得少于 {least} 人", "{num} officer(s) of the authority; at least {least}"),
        Text("请等第二名持证人员到场", "wait for another certified officer"),
    ),
    Denial.UNKNOWN_OFFICER: (
        Text("名录库中没有 {what}", "{what} is not in the register of officers"),
        _OTHERS_WAY,
    ),
    Denial.OTHER_AUTHORITY: (Text("{what} 不是本部门人员", "{what} is of another authority"), _OTHERS_WAY),
    Denial.CERTIFICATE: (
        Text("{what} 的执法证有效期为 {first} 至 {last}", "the certificate of {what} holds from {first} to {last}"),
        _OTHERS_WAY,
    ),
    Denial.NOT_DRAWN: (
        Text("{what} 不是为本次检查抽取的人员", "{what} was not drawn for this visit"),
        Text("请由抽取的人员到场：{drawn}", "let those come who were drawn: {drawn}"),
    ),
    Denial.RECUSED: (Text("{what} 应当回避该企业", "{what} is recused from this enterprise"), _OTHERS_WAY),
    Denial.ABSENT: (Text("{what} 今日登记为不在岗", "{what} is on record as not on duty today"), _OTHERS_WAY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAtDoor:
    """An officer who asks to enter; what the registers say of them.

    Parameters
    ----------
    known : in the register of officers; the rest means nothing where it is not.
    valid_from, valid_to : day numbers of the certificate, both inside.
    """

    officer_id: str
    known: bool = True
    authority_id: str = ""
    valid_from: int = 0
    valid_to: int = 0
    recused: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """The part of an authority in a published visit of today.

    Parameters
    ----------
    item_ids : its items there; `approved` are those whose plan is approved still.
    drawn : officers drawn for it, ``None`` where nobody was drawn by lot.
    ended : it was here already and left.
    """

    visit_id: str
    item_ids: tuple[str, ...]
    approved: tuple[str, ...]
    drawn: tuple[str, ...] | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What officers ask at the door.

    Parameters
    ----------
    items : ids of planned items, or codes off plan; the whole part when empty.
    """

    authority_id: str
    path: EntryPath
    officers: tuple[OfficerAtDoor, ...]
    items: tuple[str, ...] = ()
    reason: str | None = None
    approval_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What is known at the door today.

    Parameters
    ----------
    part : of the authority in a published visit of today.
    other_days : day numbers on which the authority has a published visit here otherwise, ascending, from today on.
    unlisted : (item, reason in both languages) of items that may not be carried out by the published lists.
    """

    day: int
    part: PlannedPart | None = None
    other_days: tuple[int, ...] = ()
    unlisted: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is in the way, with its sentence and the lawful way."""

    code: Denial
    why: Text
    way: Text


def _fault(code: Denial, **facts: object) -> Fault:
    why, way = _WORDS[code]
    off_plan = _OFF_PLAN_WAY.filled(papers=PAPERS_WORKING_DAYS)
    known = {"papers": PAPERS_WORKING_DAYS, "off_plan": off_plan, **facts}
    return Fault(code=code, why=why.filled(**known), way=way.filled(**known))


def faults_of(request: Request, door: Door) -> tuple[Fault, ...]:
    """Return everything that is in the way of officers, in the order of :class:`Denial`; nothing when they may enter.

    Parameters
    ----------
    request : of a planned visit, of one off plan, or of an emergency.
    door : the plan, the lists and the day.
    """
    found = [*_of_ground(request, door), *_of_items(request, door), *_of_officers(request, door)]
    return tuple(sorted(found, key=lambda f: list(Denial).index(f.code)))


def _of_ground(request: Request, door: Door) -> Iterator[Fault]:
    if request.path is EntryPath.PLANNED:
        if door.part is None and door.other_days:
            yield _fault(Denial.OTHER_DATE, days=", ".join(map(iso, door.other_days)))
        elif door.part is None:
            yield _fault(Denial.NO_VISIT)
        elif door.part.ended:
            yield _fault(Denial.HAS_ENDED)
        return
    if not request.items:
        yield _fault(Denial.NO_ITEMS)
    if request.path is EntryPath.OFF_PLAN and not request.approval_no:
        yield _fault(Denial.NO_APPROVAL_NO)
    if request.path is EntryPath.EMERGENCY and not request.reason:
        yield _fault(Denial.NO_REASON)


def _of_items(request: Request, door: Door) -> Iterator[Fault]:
    part = door.part
    if request.path is EntryPath.PLANNED and part is not None:
        asked = request.items or part.item_ids
        for item in asked:
            if item not in part.item_ids:
                yield _fault(Denial.NOT_OF_PLAN, what=item)
            elif item not in part.approved:
                yield _fault(Denial.NOT_APPROVED, what=item)
    for item, why in door.unlisted:
        yield _fault(Denial.NOT_LISTED, what=item, why=why)


def _of_officers(request: Request, door: Door) -> Iterator[Fault]:
    own = {o.officer_id for o in request.officers if o.known and o.authority_id == request.authority_id}
    if len(own) < MIN_OFFICERS:
        yield _fault(Denial.TOO_FEW_OFFICERS, num=len(own), least=MIN_OFFICERS)
    drawn = door.part.drawn if request.path is EntryPath.PLANNED and door.part is not None else None
    for officer in request.officers:
        who = officer.officer_id
        if not officer.known:
            yield _fault(Denial.UNKNOWN_OFFICER, what=who)
            continue
        if officer.authority_id != request.authority_id:
            yield _fault(Denial.OTHER_AUTHORITY, what=who)
        if not officer.valid_from <= door.day <= officer.valid_to:
            span = {"first": iso(officer.valid_from), "last": iso(officer.valid_to)}
            yield _fault(Denial.CERTIFICATE, what=who, **span)
        if drawn is not None and who not in drawn:
            yield _fault(Denial.NOT_DRAWN, what=who, drawn=", ".join(drawn) or "-")
        if officer.recused:
            yield _fault(Denial.RECUSED, what=who)
        if officer.absent:
            yield _fault(Denial.ABSENT, what=who)


def status_of(entered_day: int, told_day: int, *, is_inside: bool, is_backfill: bool) -> ScanStatus:
    """Return what a scan counts as.

    Parameters
    ----------
    entered_day, told_day : day numbers of the entry and of the scan or of what makes up for it.
    is_inside : scanned while inside, before leaving.
    is_backfill : told after leaving; later than :data:`BACKFILL_DAYS` it no longer makes up for the scan.
    """
    if is_backfill:
        return ScanStatus.BACKFILLED if told_day - entered_day <= BACKFILL_DAYS else ScanStatus.MISSING
    return ScanStatus.LATE if is_inside else ScanStatus.SCANNED


def papers_due(entered_day: int, works_on: Callable[[int], bool]) -> int:
    """Return the day number until which the approval papers of an emergency are to be complete."""
    due, left = entered_day, PAPERS_WORKING_DAYS
    while left:
        due += 1
        left -= works_on(due)
    return due


def fault_lines(faults: Sequence[Fault], lang: Lang) -> list[dict[str, str]]:
    """Return faults as plain values in a language: code, why and the lawful way."""
    return [{"code": f.code.value, "why": f.why.say(lang), "way": f.way.say(lang)} for f in faults]
