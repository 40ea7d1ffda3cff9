"""Words of the record at the door, as they are stored and sent."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What happened; every event is appended once and never changed."""

    NOTICE_SENT = "notice_sent"  # 检查预告
    NOTICE_CHANGED = "notice_changed"
    NOTICE_WITHDRAWN = "notice_withdrawn"
    SLOT_CHOSEN = "slot_chosen"  # 双向预约
    CODE_ISSUED = "code_issued"
    CODE_REVOKED = "code_revoked"
    SCAN_IN = "scan_in"  # 扫码入企
    SCAN_DENIED = "scan_denied"
    SCAN_OUT = "scan_out"
    BACKFILL = "backfill"  # 补录
    RESULT = "result"
    EVIDENCE = "evidence"
    NO_ACCESS = "no_access"  # nobody there
    TURNED_AWAY = "turned_away"  # the enterprise refused, as it may where no code is shown
    APPROVAL = "approval"  # papers of an entry that came before its approval


class EntryPath(StrEnum):
    """On what ground officers enter."""

    PLANNED = "planned"  # a published visit
    EMERGENCY = "emergency"  # enter, then scan before leaving
    OFF_PLAN = "off_plan"  # approved, but in no published schedule


class ScanStatus(StrEnum):
    """Whether the code was scanned as it should be (深府规〔2025〕6号)."""

    SCANNED = "scanned"  # before entering
    LATE = "late"  # before leaving
    BACKFILLED = "backfilled"  # told afterwards, within 10 natural days, with the reason
    MISSING = "missing"


class EntryState(StrEnum):
    """How far an entry has got."""

    OPEN = "open"
    CLOSED = "closed"
    NO_ACCESS = "no_access"
    TURNED_AWAY = "turned_away"


class ItemResult(StrEnum):
    """What came of an item."""

    NOTHING_FOUND = "nothing_found"
    ADVICE = "advice"
    RECTIFICATION = "rectification"  # to be put right until a date
    CASE_FILED = "case_filed"
    NOT_DONE = "not_done"  # not got round to: it returns to planning


class LeniencyList(StrEnum):
    """The four lists of leniency (减免责清单)."""

    NO_PENALTY = "no_penalty"  # 免予处罚
    MITIGATED = "mitigated"  # 减轻处罚
    LIGHTER = "lighter"  # 从轻处罚
    NO_COERCION = "no_coercion"  # 免予行政强制


class ComplaintKind(StrEnum):
    """What an enterprise complains of."""

    NOT_SCANNED = "not_scanned"
    ARBITRARY = "arbitrary"
    REPEATED = "repeated"
    TOO_MANY_PEOPLE = "too_many_people"
    OTHER = "other"
