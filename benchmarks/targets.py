"""The targets, and how far what was reached is from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.groups import Group, Measure, Row, above, field, first_full, gap, percent, plain, price, table
from benchmarks.instances import LONG, MINUTE

WORKERS = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A median that shall be at most a figure.

    Parameters
    ----------
    unit : ``%`` of shares, else what follows the number.
    whole : the time is that of the whole run, so the longest search of less seconds counts.
    """

    instance: str
    time_s: float
    what: str
    measure: Measure
    at_most: float
    unit: str = "%"
    whole: bool = False

    def say(self, value: float | None) -> str:
        """Write a value of the measure."""
        if self.unit == "%":
            return percent(value)
        text = plain(value, 1 if self.unit == "s" else 0)
        return text if value is None or text == "never" else f"{text} {self.unit}"


GAP, PRICE, FULL = "gap of crew shifts", "price of jointness", "first full schedule"

TARGETS: tuple[Target, ...] = (
    Target(instance="street_100", time_s=MINUTE, what=GAP, measure=gap, at_most=0.10),
    Target(instance="street_400_plenty", time_s=MINUTE, what=GAP, measure=gap, at_most=0.10),
    Target(instance="street_400_plenty", time_s=MINUTE, what=PRICE, measure=price, at_most=0.08),
    Target(instance="street_400", time_s=MINUTE, what=GAP, measure=gap, at_most=0.18),
    Target(instance="street_400", time_s=LONG, what=GAP, measure=gap, at_most=0.12),
    Target(instance="street_1500", time_s=MINUTE, what=GAP, measure=gap, at_most=0.22),
    Target(instance="street_1500", time_s=LONG, what=GAP, measure=gap, at_most=0.15),
    Target(instance="district_8x400", time_s=120.0, what=GAP, measure=gap, at_most=0.20),
    Target(instance="city_74x1500", time_s=LONG, what=GAP, measure=gap, at_most=0.30, whole=True),
    Target(
        instance="city_74x1500",
        time_s=LONG,
        what="weight left out above its bound",
        measure=above,
        at_most=0.005,
        whole=True,
    ),
    Target(
        instance="city_74x1500",
        time_s=LONG,
        what="from tables to a checked schedule",
        measure=field("wall_s"),
        at_most=600.0,
        unit="s",
        whole=True,
    ),
    Target(
        instance="city_74x1500",
        time_s=LONG,
        what="memory of all processes",
        measure=field("peak_mb"),
        at_most=8192.0,
        unit="MB",
        whole=True,
    ),
    Target(instance="street_400", time_s=MINUTE, what=FULL, measure=first_full, at_most=2.0, unit="s"),
    Target(instance="district_8x400", time_s=120.0, what=FULL, measure=first_full, at_most=10.0, unit="s"),
)


def verdict(target: Target, value: float | None) -> str:
    """Say whether a target was met, or by how much it was missed."""
    if value is None:
        return "not known"
    if value <= target.at_most + 1e-12:
        return "met"
    if value == float("inf"):
        return "missed"
    if target.unit == "%":
        return f"missed by {100 * (value - target.at_most):.1f} points"
    return f"missed by {target.say(value - target.at_most)}"


def target_table(groups: Sequence[Group]) -> str:
    """The targets with the median of the seeds, a row for every source of the case."""
    rows = [line for target in TARGETS for line in _lines(target, groups)]
    return table(("case", "time", "seeds", "measure", "target", "reached", "", "weight left out above its bound"), rows)


def _lines(target: Target, groups: Sequence[Group]) -> Iterable[list[str]]:
    found = _found(target, groups)
    wanted = f"≤ {target.say(target.at_most)}"
    if not found:
        yield [target.instance, f"{target.time_s:g} s", "0", target.what, wanted, "–", "not run", "–"]
    for g in found:
        value = g.median(target.measure)
        yield [
            g.title,
            g.limit,
            str(len(g.rows)),
            target.what,
            wanted,
            target.say(value),
            verdict(target, value),
            percent(g.median(above), 2),
        ]


def _found(target: Target, groups: Sequence[Group]) -> list[Group]:
    same = [g for g in groups if g.instance == target.instance and g.workers == WORKERS and g.time_s is not None]
    if not target.whole:
        return [g for g in same if g.time_s == target.time_s]
    longest: dict[str, Group] = {}
    for g in same:
        if (g.time_s or 0.0) <= target.time_s:
            longest[g.source] = g  # groups ascend in time
    return list(longest.values())


def mandatory_table(groups: Sequence[Group], peers: Sequence[Row]) -> str:
    """Mandatory items left out: the worst run against the best of any run or peer on the same case."""
    measure = field("mandatory_unserved")
    ours: dict[str, list[float]] = {}
    for g in groups:
        ours.setdefault(g.title, []).extend(v for r in g.rows if (v := measure(r)) is not None)
    rows = []
    for title, values in ours.items():
        theirs = [v for r in peers if r.get("instance") == title and (v := measure(r)) is not None]
        if values:
            worst, best = max(values), min(values + theirs)
            said = "met" if worst == best else f"missed by {worst - best:.0f}"
            rows.append([title, plain(worst), plain(best), said])
    return table(("case", "left out, worst run", "best run of any", ""), rows)
