"""Rules of warnings (预警) about what happened at the door: each a kind with its thresholds, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scheduler.alerts import LEADS
from scheduler.domain.plans import Trigger


class WarningKind(StrEnum):
    """What a warning is about."""

    REPEAT = "repeat"  # 重复检查: the same enterprise was entered again within so many days
    REPEAT_DISTRICT = "repeat_district"  # so many of these cases in one district
    CAP = "cap"  # 频次上限: a share of a frequency cap is used
    CROWD = "crowd"  # more than so many officers at once at one enterprise
    UNSCANNED = "unscanned"  # 未扫码: missing scans of one authority that nothing explains
    BACKFILL_DUE = "backfill_due"  # 补录: a missing scan is not back-filled yet
    BACKFILL_OVERDUE = "backfill_overdue"  # ... and the days for it are over
    OFF_PLAN = "off_plan"  # 计划外: entered without approval, and the papers did not come in time
    UNPUBLISHED = "unpublished"  # 专项: an approved campaign is in no published schedule
    COMPLAINTS = "complaints"  # 投诉集中: more complaints than chance explains


class Severity(StrEnum):
    """How grave a warning is."""

    NOTICE = "notice"
    WARNING = "warning"
    GRAVE = "grave"


class ComplaintScope(StrEnum):
    """Whose complaints are counted together."""

    AUTHORITY = "authority"
    STREET = "street"


_NEEDS = {
    WarningKind.REPEAT: ("days",),
    WarningKind.REPEAT_DISTRICT: ("days", "count"),
    WarningKind.CAP: ("share",),
    WarningKind.CROWD: ("officers",),
    WarningKind.UNSCANNED: ("days", "count"),
    WarningKind.BACKFILL_DUE: ("days",),
    WarningKind.BACKFILL_OVERDUE: ("days",),
    WarningKind.OFF_PLAN: (),
    WarningKind.UNPUBLISHED: ("days",),
    WarningKind.COMPLAINTS: ("days", "count", "chance", "scope"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRule:
    """When to warn; what a kind needs of the thresholds says :func:`needed`.

    Parameters
    ----------
    days : REPEAT, REPEAT_DISTRICT, UNSCANNED, COMPLAINTS: natural days of the window, its last day among them.
        BACKFILL_DUE: warns when so many natural days have gone by since the entry. BACKFILL_OVERDUE, UNPUBLISHED:
        warns when more than so many have. At least 1.
    count : cases (REPEAT_DISTRICT), missing scans (UNSCANNED) or complaints from which it warns, at least 1.
    share : CAP: share of the cap that warns when it is reached, greater than 0.
    officers : CROWD: most officers that do not warn, at least 1.
    chance : COMPLAINTS: greatest probability of so many by chance that warns, in (0, 1].
    scope : COMPLAINTS: whose are counted together.
    exempt_triggers : REPEAT: entries with these triggers are passed over (有因检查).
    since : first day that is looked at; all when ``None``.
    """

    rule_id: str
    kind: WarningKind
    severity: Severity = Severity.WARNING
    days: int | None = None
    count: int | None = None
    share: float | None = None
    officers: int | None = None
    chance: float | None = None
    scope: ComplaintScope | None = None
    exempt_triggers: tuple[Trigger, ...] = ()
    since: int | None = None

    def __post_init__(self) -> None:
        missing = [name for name in needed(self.kind) if not getattr(self, name)]
        if missing:
            raise ValueError(f"warning rule {self.rule_id} of kind {self.kind.value} needs {', '.join(missing)}")

    def threshold(self, name: str) -> int:
        """Return a threshold that its kind needs."""
        found: int = getattr(self, name)
        return found


def needed(kind: WarningKind) -> tuple[str, ...]:
    """Return the names of the thresholds that a kind of rule needs."""
    return _NEEDS[kind]


DEFAULT_RULES = (
    WarningRule(rule_id="repeat_60", kind=WarningKind.REPEAT, days=60, exempt_triggers=LEADS),
    WarningRule(
        rule_id="repeat_district_3", kind=WarningKind.REPEAT_DISTRICT, severity=Severity.GRAVE, days=60, count=3
    ),
    WarningRule(rule_id="cap_80", kind=WarningKind.CAP, severity=Severity.NOTICE, share=0.8),
    WarningRule(rule_id="cap_100", kind=WarningKind.CAP, share=1.0),
    WarningRule(rule_id="crowd_10", kind=WarningKind.CROWD, officers=10),
    WarningRule(rule_id="unscanned_2", kind=WarningKind.UNSCANNED, days=90, count=2),
    WarningRule(rule_id="backfill_7", kind=WarningKind.BACKFILL_DUE, severity=Severity.NOTICE, days=7),
    WarningRule(rule_id="backfill_10", kind=WarningKind.BACKFILL_OVERDUE, days=10),
    WarningRule(rule_id="off_plan", kind=WarningKind.OFF_PLAN),
    WarningRule(rule_id="unpublished_30", kind=WarningKind.UNPUBLISHED, days=30),
    WarningRule(
        rule_id="complaints_authority",
        kind=WarningKind.COMPLAINTS,
        days=30,
        count=3,
        chance=0.01,
        scope=ComplaintScope.AUTHORITY,
    ),
    WarningRule(
        rule_id="complaints_street",
        kind=WarningKind.COMPLAINTS,
        days=30,
        count=5,
        chance=0.01,
        scope=ComplaintScope.STREET,
    ),
)
"""Hainan: twice within 60 natural days without leads, three such cases in a county, two unexplained missing scans; the
caps at 80 % and 100 %; back-fill within 10 natural days (深府规〔2025〕6号), reminded on day 7; campaigns published
within a month (Shanghai) (DOMAIN.md, 0.6, 1.1 no. 3, 9, 10 and 15, 1.2).

Our assumptions: the windows of 60 days for cases of a district and of 90 for missing scans, ten officers at once, and
all figures about complaints.
"""
