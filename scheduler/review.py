"""Case-file review (案卷评查): a random sample that can be drawn again, a checklist, and how sure its findings are.

Authorities are never ranked by how many checks or fines they have: the summary is in order of their ids, a share comes
with its interval, and numbers of checks only say what the sample stands for.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, ScanStatus
from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.draw.roster import digest_of
from scheduler.draw.stream import Stream, commitment_of, seed_of
from scheduler.errors import OnevisitError
from scheduler.texts import Text

FORMAT = "onevisit-review/1"
_Z = 1.959964  # of a two-sided 95 % interval


class BadSample(OnevisitError):
    """A sample that is smaller than the number of authorities, of whom each is to have a file."""

    code = "bad_sample"


class Answer(StrEnum):
    """What a question of the checklist is answered about a file."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"  # the record does not say: the reviewer does


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the checklist, with its weight in the score, at least 1."""

    code: str
    text: Text
    weight: int


CHECKLIST = (
    Question(code="approved", text=Text("检查前已经批准", "approved before the inspection"), weight=3),
    Question(code="scanned", text=Text("进门前已扫码", "the code was scanned before entering"), weight=2),
    Question(code="two_officers", text=Text("执法人员不少于两人", "at least two officers"), weight=3),
    Question(code="certified", text=Text("执法证件在有效期内", "certificates valid on the day"), weight=3),
    Question(code="identity_shown", text=Text("已出示证件", "identity shown"), weight=1),
    Question(code="every_result", text=Text("每个事项都有结果", "a result for every item"), weight=2),
    Question(code="only_listed", text=Text("结果均属本次事项", "results of its own items only"), weight=2),
    Question(code="rectification_dated", text=Text("责令整改均有期限", "rectifications have a date"), weight=1),
    Question(code="case_numbered", text=Text("立案均有案号", "cases filed have a number"), weight=1),
    Question(code="leniency_cited", text=Text("适用减免责清单写明条目", "leniency cites its list entry"), weight=1),
)
"""The checklist. Its weights are our assumption; they follow from no rule."""


def allotted(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Return how many files of every authority are drawn: at least one each, the rest by the square root of its files.

    In proportion, the two largest bodies would take nearly the whole sample, and a body with few entries would be
    judged by one file; with equal numbers the large ones would be known as little as the small. The square root lies
    between, which is our assumption. Places that a small body can't fill go to the others.

    Parameters
    ----------
    sizes : closed entries by authority.
    size : of the sample; where there are fewer files, all are drawn.

    Raises
    ------
    BadSample : there are more authorities than places.
    """
    there = {a: n for a, n in sizes.items() if n}
    if size < len(there):
        raise BadSample(f"{len(there)} authorities need {len(there)} files at least")
    out = dict.fromkeys(sorted(there), 1)
    for _ in range(min(size, sum(there.values())) - len(out)):
        neediest = max((a for a in out if out[a] < there[a]), key=lambda a: (math.sqrt(there[a]) / out[a], a))
        out[neediest] += 1
    return out


def draw_files(entries: Sequence[Entry], size: int, seed: bytes, public: str = "") -> tuple[str, ...]:
    """Return the ids of the files that are reviewed, sorted; only closed entries are drawn.

    Raises
    ------
    BadSample : as of :func:`allotted`.
    """
    frame: dict[str, list[str]] = defaultdict(list)
    for e in entries:
        if e.state is EntryState.CLOSED:
            frame[e.authority_id].append(e.entry_id)
    wanted = allotted({a: len(ids) for a, ids in frame.items()}, size)
    drawn = (Stream(seed, public, f"review\n{a}").shuffled(sorted(frame[a]))[:n] for a, n in wanted.items())
    return tuple(sorted(i for ids in drawn for i in ids))


def sample_record(entries: Sequence[Entry], size: int, seed: bytes, purpose: str, public: str = "") -> dict[str, Any]:
    """Draw, and return the record with which anybody who has the frame can draw again; the seed is revealed in it."""
    frame = sorted([e.authority_id, e.entry_id] for e in entries if e.state is EntryState.CLOSED)
    return {
        "format": FORMAT,
        "purpose": purpose,
        "commitment": commitment_of(seed, purpose),
        "seed": seed.hex(),
        "public": public,
        "size": size,
        "frame_digest": digest_of(frame),
        "entry_ids": list(draw_files(entries, size, seed, public)),
    }


def is_true(told: Mapping[str, Any], entries: Sequence[Entry]) -> bool:
    """Say whether a record is what a draw from these entries gives.

    Raises
    ------
    KeyError, BadSeed, BadSample : it is no record of such a draw.
    """
    again = sample_record(entries, told["size"], seed_of(told["seed"]), told["purpose"], told["public"])
    return again == dict(told)


def automatic(entry: Entry, valid_to: Mapping[str, int]) -> dict[str, Answer]:
    """Return the answers that the record gives, by code of the question; where it gives none they are unknown.

    Parameters
    ----------
    valid_to : by officer the last day number of the certificate; an officer who is not there is not on the register.
    """
    results = entry.outcomes
    orders = [o.due is not None for o in results if o.result is ItemResult.RECTIFICATION]
    cases = [bool(o.case_no) for o in results if o.result is ItemResult.CASE_FILED]
    lenient = [bool(o.leniency_code) for o in results if o.leniency is not None]
    told = [o.item_id for o in results]
    return {
        "approved": _approved(entry),
        "scanned": Answer.YES if entry.scan_status is ScanStatus.SCANNED else _unless_emergency(entry),
        "two_officers": _said(len(set(entry.officer_ids)) >= OFFICERS_PER_CREW),
        "certified": _said(
            bool(entry.officer_ids) and all(valid_to.get(o, entry.day - 1) >= entry.day for o in entry.officer_ids)
        ),
        "identity_shown": Answer.UNKNOWN,
        "every_result": _said(set(entry.item_ids) <= set(told)),
        "only_listed": _said(set(told) <= set(entry.item_ids)),
        "rectification_dated": _all(orders),
        "case_numbered": _all(cases),
        "leniency_cited": _all(lenient),
    }


def _approved(entry: Entry) -> Answer:
    """Say whether an entry was approved before; in an emergency the papers come after (深府规〔2025〕6号).

    A published visit is made of approved items only.
    """
    if entry.path is EntryPath.PLANNED or (entry.approval_no and entry.path is EntryPath.OFF_PLAN):
        return Answer.YES
    return Answer.NOT_APPLICABLE if entry.path is EntryPath.EMERGENCY else Answer.NO


def _unless_emergency(entry: Entry) -> Answer:
    """Say what an entry without a scan before it is: in an emergency the scan before leaving is lawful."""
    late = entry.path is EntryPath.EMERGENCY and entry.scan_status is ScanStatus.LATE
    return Answer.NOT_APPLICABLE if late else Answer.NO


def _said(good: bool) -> Answer:
    return Answer.YES if good else Answer.NO


def _all(found: Sequence[bool]) -> Answer:
    return _said(all(found)) if found else Answer.NOT_APPLICABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a file got: points of those that could be had, and the questions that nobody has answered yet."""

    points: int
    of: int
    failed: tuple[str, ...]
    unanswered: tuple[str, ...]


def scored(answers: Mapping[str, Answer], checklist: Sequence[Question] = CHECKLIST) -> Score:
    """Return the score of a file; what does not apply and what is not answered count neither for nor against it."""
    by = {q: answers.get(q.code, Answer.UNKNOWN) for q in checklist}
    return Score(
        points=sum(q.weight for q, a in by.items() if a is Answer.YES),
        of=sum(q.weight for q, a in by.items() if a in (Answer.YES, Answer.NO)),
        failed=tuple(q.code for q, a in by.items() if a is Answer.NO),
        unanswered=tuple(q.code for q, a in by.items() if a is Answer.UNKNOWN),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the sample says about an authority.

    Parameters
    ----------
    files, faulty : reviewed, and those of them with a fault.
    low, high : 95 % interval of Wilson of the share of faulty files; it takes the entries as many, so that where most
        of a small body's files are reviewed it is wider than it had to be.
    faults : how many files failed a question, by its code.
    """

    authority_id: str
    files: int
    faulty: int
    low: float
    high: float
    faults: Mapping[str, int]


def summaries(scores: Mapping[str, Score], authority_of: Mapping[str, str]) -> tuple[Summary, ...]:
    """Return a summary of every authority with a reviewed file, in order of their ids and of nothing else.

    Parameters
    ----------
    scores, authority_of : by id of the entry.
    """
    by: dict[str, list[Score]] = defaultdict(list)
    for entry_id, score in scores.items():
        by[authority_of[entry_id]].append(score)
    out = []
    for authority_id in sorted(by):
        files = by[authority_id]
        faulty = sum(bool(s.failed) for s in files)
        low, high = wilson(faulty, len(files))
        faults = dict(sorted(Counter(code for s in files for code in s.failed).items()))
        out.append(
            Summary(authority_id=authority_id, files=len(files), faulty=faulty, low=low, high=high, faults=faults)
        )
    return tuple(out)


def wilson(found: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), from 0 to 1.

    Parameters
    ----------
    of : at least 1.
    """
    share, z2 = found / of, _Z * _Z
    middle = share + z2 / (2 * of)
    half = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, (middle - half) / (1 + z2 / of)), min(1.0, (middle + half) / (1 + z2 / of))
