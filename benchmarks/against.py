"""onevisit against its peers, from the rows of one run of `benchmarks.peers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.groups import Group, Row, field, groups_of, percent, plain, table

ONEVISIT = "onevisit"
FEWER = 0.15
"""Target: so many fewer crew shifts than the best caravan and the best other peer, at no less served weight."""

NEAR = 1.01
"""A peer counts as serving as much when it leaves out at most so many times the weight that onevisit does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """onevisit and the peers on one case with the same limits, by name."""

    title: str
    limit: str
    ours: Group
    peers: dict[str, Group]

    def best(self, caravan: bool) -> tuple[str, Group] | None:
        """Fewest crew shifts among caravans, or among the others, that serve as much; else who serves most."""
        family = [(n, g) for n, g in self.peers.items() if ("caravan" in n) == caravan and _both(g)]
        ours = unserved(self.ours)
        if not family or ours is None:
            return None
        near = [x for x in family if (unserved(x[1]) or 0.0) <= NEAR * ours]
        if near:
            return min(near, key=lambda x: (crew_shifts(x[1]) or 0.0, x[0]))
        return min(family, key=lambda x: (unserved(x[1]) or 0.0, crew_shifts(x[1]) or 0.0))


def crew_shifts(g: Group) -> float | None:
    """Median of the seeds."""
    return g.median(field("crew_shifts"))


def unserved(g: Group) -> float | None:
    """Median of the seeds' weight left out."""
    return g.median(field("unserved_weight"))


def _both(g: Group) -> bool:
    return crew_shifts(g) is not None and unserved(g) is not None


def fewer(versus: Versus, g: Group) -> float | None:
    """Share of a peer's crew shifts that onevisit does without."""
    ours, theirs = crew_shifts(versus.ours), crew_shifts(g)
    return None if ours is None or not theirs else (theirs - ours) / theirs


def comparisons(rows: Sequence[Row]) -> list[Versus]:
    """Cases with a row of onevisit; peers are compared with it only within the same limits."""
    by_peer = {name: groups_of(r for r in rows if r.get("peer") == name) for name in sorted({r["peer"] for r in rows})}
    found = []
    for ours in by_peer.get(ONEVISIT, []):
        same = {
            name: g
            for name, groups in by_peer.items()
            for g in groups
            if name != ONEVISIT
            and (g.instance, g.source, g.time_s, g.workers) == (ours.instance, ours.source, ours.time_s, ours.workers)
        }
        found.append(Versus(title=ours.title, limit=ours.limit, ours=ours, peers=same))
    return found


def peer_table(versus: Versus) -> str:
    """Every peer's medians, and how many fewer crew shifts onevisit needs."""
    ours = [ONEVISIT, *_figures(versus.ours), "–"]
    order = sorted(versus.peers.items(), key=lambda x: (unserved(x[1]) or 0.0, crew_shifts(x[1]) or 0.0))
    rows = [ours, *([name, *_figures(g), percent(fewer(versus, g))] for name, g in order)]
    header = (
        "peer",
        "seeds",
        "seconds",
        "unserved weight",
        "doors",
        "crew shifts",
        "travel min",
        "violations",
        "fewer",
    )
    return table(header, rows)


def _figures(g: Group) -> list[str]:
    fields = ("unserved_weight", "doors", "crew_shifts", "travel_min")
    violations = sum(field("violations")(r) or 0.0 for r in g.rows)
    seconds = plain(g.median(field("seconds")), 1)
    return [str(len(g.rows)), seconds, *(plain(g.median(field(f))) for f in fields), plain(violations)]


def peer_targets(found: Sequence[Versus]) -> str:
    """The target against the best caravan and the best other peer of every case."""
    rows = []
    for v in found:
        for family, caravan in (("best caravan", True), ("best other peer", False)):
            best = v.best(caravan)
            if best is None:
                rows.append([v.title, v.limit, family, f"≥ {percent(FEWER)}", "–", "not run"])
                continue
            name, g = best
            share = fewer(v, g) or 0.0
            rows.append([v.title, v.limit, f"{family}, {name}", f"≥ {percent(FEWER)}", percent(share), _verdict(v, g)])
    return table(("case", "time", "against", "target", "fewer crew shifts", ""), rows)


def _verdict(v: Versus, g: Group) -> str:
    share, less = fewer(v, g) or 0.0, (unserved(v.ours) or 0.0) - (unserved(g) or 0.0)
    said = "met" if share >= FEWER - 1e-12 else f"missed by {100 * (FEWER - share):.1f} points"
    if less > 0:
        return (
            f"missed: leaves out {less:.0f} more weight" if said == "met" else f"{said}, and {less:.0f} more left out"
        )
    return said
