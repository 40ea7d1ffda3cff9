"""Tables and plots of what was measured: `python -m benchmarks.report` writes report.md and plots/*.svg."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.against import comparisons, peer_table, peer_targets
from benchmarks.groups import Group, Row, above, field, first_full, gap, groups_of, percent, plain, price, table
from benchmarks.plots import Plot, draw_all
from benchmarks.record import HERE, LIBRARIES, read_rows
from benchmarks.targets import mandatory_table, target_table

GAP_NOTE = """\
Medians of the seeds. Gap: (value − proven bound) / bound of crew shifts; the bound holds for schedules that leave
out as much weight as this one. A time is the limit of proof and search together.
"""
TRACE_NOTE = """\
Every seed is a curve. Crew shifts begin where the schedule leaves out at most 0.5 % of all weight more than at its
end. The bound is for schedules that leave out no more than the best so far: before the search for those that leave
out no more than they must, so it drops when the first schedule leaves out more, and comes back as the loss goes.
"""
FULL_NOTE = """\
First full: seconds from the tables in memory to the first schedule that leaves out at most 0.1 % of all weight more
than every schedule must; a short search before the proof gives one early. Wall: from the files on disk to the checked
schedule. Memory: of all processes together.
"""
OWES_NOTE = """\
A long run shows that the schedule was to blame for at least `value − best value known`, and the bound for at least
`best bound known − bound`; the rest is open. Only values of runs that leave out no more weight are taken, and only
bounds that hold for as much.
"""
PRICE_NOTE = """\
Every authority alone on the items that the joint schedule serves, by the same search with the same limits (the
joint plan spends up to a quarter of its seconds on its proof, so alone is searched longer). Alone, each authority
opens a door of its own.
"""
PEER_NOTE = """\
Only runs of `benchmarks.peers` with the same case, seconds and cores are compared. The best peer is the one of
fewest crew shifts among those that leave out at most 1 % more weight than onevisit; where none does, the one that
leaves out least. What a peer cannot say is in README.md.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the report; cases and files that are missing are left out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--results", type=Path, default=HERE / "results.csv")
    parser.add_argument("--trace", type=Path, default=HERE / "trace.csv")
    parser.add_argument("--peers", type=Path, default=HERE / "peers.csv")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of report.md and plots/")
    args = parser.parse_args(arguments)
    path = write_report(read_rows(args.results), read_rows(args.trace), read_rows(args.peers), args.out)
    print(path)


def write_report(results: Sequence[Row], trace: Sequence[Row], peers: Sequence[Row], out: Path) -> Path:
    """Write report.md and plots/*.svg below `out`, and return the path of the report."""
    groups, versus = groups_of(results), comparisons(peers)
    out.mkdir(parents=True, exist_ok=True)
    plots = draw_all(groups, trace, versus, out / "plots")
    parts = ["# Benchmark report\n", _circumstances([*results, *peers])]
    if groups:
        parts += _results(groups, plots, peers)
    if versus:
        parts += ["## Peers\n", PEER_NOTE, peer_targets(versus)]
        for v in versus:
            parts += [f"### {v.title}, {v.limit}\n", peer_table(v)]
        parts += _images(plots, "peers")
    if not groups and not versus:
        parts.append("Nothing was measured yet: `python -m benchmarks.run`.\n")
    path = out / "report.md"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _results(groups: Sequence[Group], plots: Sequence[Plot], peers: Sequence[Row]) -> list[str]:
    return [
        "## Targets\n",
        "Two workers, median of the seeds.\n",
        target_table(groups),
        "Mandatory items left out: none that another run, of onevisit or a peer, serves (by number).\n",
        mandatory_table(groups, peers),
        "## Quality\n",
        GAP_NOTE,
        _quality(groups),
        *_images(plots, "trace", "gap"),
        TRACE_NOTE,
        "## What the gap owes to the schedule and to the bound\n",
        OWES_NOTE,
        _owes(groups),
        "## Time and memory\n",
        FULL_NOTE,
        _speed(groups),
        *_images(plots, "size"),
        "## Price of jointness\n",
        PRICE_NOTE,
        _price(groups),
        *_images(plots, "price"),
    ]


def _quality(groups: Sequence[Group]) -> str:
    header = ("case", "limit", "workers", "seeds", "unserved weight", "above its bound", "doors", "crew shifts",
              "bound", "gap", "joint days", "travel min", "status")  # fmt: skip
    rows = [
        [
            *(g.title, g.limit, g.workers, str(len(g.rows))),
            plain(g.median(field("unserved_weight"))),
            percent(g.median(above), 2),
            plain(g.median(field("doors"))),
            plain(g.median(field("crew_shifts"))),
            plain(g.median(field("bound_crew_shifts"))),
            percent(g.median(gap)),
            plain(g.median(field("joint_days"))),
            plain(g.median(field("travel_min"))),
            ", ".join(sorted({r.get("status", "") for r in g.rows})),
        ]
        for g in groups
    ]
    return table(header, rows)


def _speed(groups: Sequence[Group]) -> str:
    header = (
        "case",
        "limit",
        "enterprises",
        "items",
        "iterations",
        "first full s",
        "search s",
        "read s",
        "wall s",
        "MB",
    )
    rows = [
        [
            *(g.title, g.limit),
            *(plain(g.median(field(f))) for f in ("enterprises", "items", "iterations")),
            plain(g.median(first_full), 1),
            *(plain(g.median(field(f)), 1) for f in ("search_s", "read_s", "wall_s")),
            plain(g.median(field("peak_mb"))),
        ]
        for g in groups
    ]
    return table(header, rows)


def _price(groups: Sequence[Group]) -> str:
    header = ("case", "limit", "items", "of them alone", "doors", "alone", "crew shifts", "alone", "price")
    fields = ("items_served", "alone_items", "doors", "alone_doors", "crew_shifts", "alone_crew_shifts")
    rows = [
        [g.title, g.limit, *(plain(g.median(field(f))) for f in fields), percent(g.median(price))]
        for g in groups
        if g.median(price) is not None
    ]
    return table(header, rows)


def _owes(groups: Sequence[Group]) -> str:
    rows = []
    for g in groups:
        same = [r for other in groups if (other.instance, other.source) == (g.instance, g.source) for r in other.rows]
        least = g.median(field("unserved_weight"))
        value, bound = g.median(field("crew_shifts")), g.median(field("bound_crew_shifts"))
        if least is None or value is None or not bound:
            continue
        values = [v for r in same if (field("unserved_weight")(r) or 0.0) <= least and (v := field("crew_shifts")(r))]
        bounds = [b for r in same if (field("unserved_weight")(r) or 0.0) >= least
                  and (b := field("bound_crew_shifts")(r))]  # fmt: skip
        best, strongest = min([*values, value]), max([*bounds, bound])
        shares = ((value - best) / bound, (strongest - bound) / bound, (best - strongest) / bound)
        figures = (plain(value), plain(bound), plain(best), plain(strongest))
        rows.append([g.title, g.limit, *figures, *(percent(s) for s in shares)])
    header = ("case", "limit", "value", "bound", "best value known", "best bound known", "the schedule owes",
              "the bound owes", "open")  # fmt: skip
    return table(header, rows)


def _images(plots: Sequence[Plot], *kinds: str) -> list[str]:
    return [f"![{p.title}](plots/{p.file})\n" for p in plots if p.kind in kinds]


def _circumstances(rows: Sequence[Row]) -> str:
    """Commits, machines and versions of all rows."""
    lines = []
    for name in ("commit", "machine", "python", *LIBRARIES, "pyvrp", "pyvroom"):
        values = sorted({r[name] for r in rows if r.get(name)})
        if values:
            lines.append(f"- {name}: {', '.join(values)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
