"""The report on a small synthetic set of rows: its tables say the right figures, its plots exist."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.against import comparisons, fewer, peer_targets
from benchmarks.groups import NEVER, groups_of, percent, plain
from benchmarks.record import read_rows, write, write_all
from benchmarks.report import main, write_report
from benchmarks.targets import TARGETS, target_table, verdict
from benchmarks.trace import Trace
from solver.limits import Progress


def result(instance: str = "street_400", seed: int = 1, **other: object) -> dict[str, object]:
    row: dict[str, object] = {
        "instance": instance, "source": "generated", "seed": seed, "time_limit_s": 60.0, "iteration_limit": "",
        "workers": 2, "enterprises": 400, "items": 1200, "all_weight": 50_000, "unserved_weight": 250, "doors": 400,
        "crew_shifts": 440, "joint_days": 40, "travel_min": 15_000, "bound_unserved_weight": 250, "bound_doors": 400,
        "bound_crew_shifts": 400, "status": "feasible", "items_served": 1100, "mandatory_unserved": 2,
        "iterations": 1_000_000, "first_full_s": 1.5, "search_s": 45.0, "read_s": 0.5, "wall_s": 61.0, "peak_mb": 400,
        "alone_time_s": 60.0, "alone_items": 1100, "alone_doors": 1050, "alone_crew_shifts": 400, "commit": "abc",
    }  # fmt: skip
    return row | other


def peer(name: str, crew_shifts: int, unserved_weight: int = 250, seed: int = 1) -> dict[str, object]:
    return {
        "instance": "street_400", "peer": name, "seed": seed, "time_limit_s": 60.0, "workers": 2, "seconds": 60.0,
        "unserved_weight": unserved_weight, "doors": 400, "crew_shifts": crew_shifts, "joint_days": 40,
        "travel_min": 9_000, "violations": 0, "commit": "abc",
    }  # fmt: skip


def curve(seed: int = 1) -> list[dict[str, object]]:
    key = {"instance": "street_400", "source": "generated", "seed": seed, "time_limit_s": 60.0, "workers": 2}
    points = [(1.0, "", "", 350), (2.0, 9_000, 300, 380), (16.0, 250, 470, 400), (60.0, 250, 440, 400)]
    return [
        key | {"commit": "abc", "seconds": s, "unserved_weight": u, "crew_shifts": c, "bound_crew_shifts": b}
        for s, u, c, b in points
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The three files on disk, as the runners write them."""
    write_all(tmp_path / "results.csv", [result(seed=s, crew_shifts=c) for s, c in ((1, 440), (2, 480), (3, 450))])
    write(tmp_path / "results.csv", result("street_100", enterprises=100, crew_shifts=110, bound_crew_shifts=100))
    write_all(tmp_path / "trace.csv", curve())
    rows = [peer("onevisit", 450), peer("my_caravan", 500), peer("other_caravan", 400, 900), peer("first_fit", 600)]
    write_all(tmp_path / "peers.csv", rows)
    return tmp_path


def report_of(folder: Path) -> str:
    names = (part for n in ("results", "trace", "peers") for part in (f"--{n}", str(folder / f"{n}.csv")))
    main([*names, "--out", str(folder / "out")])
    return (folder / "out" / "report.md").read_text(encoding="utf-8")


def line_of(text: str, *cells: str) -> list[str]:
    """The cells of the one line of a table that begins with the given cells."""
    begin = "| " + " | ".join(cells) + " |"
    (line,) = [x for x in text.splitlines() if x.startswith(begin)]
    return [c.strip() for c in line.strip("|").split("|")][len(cells) :]


def test_targets_show_the_median_and_by_how_much_it_is_missed(folder: Path) -> None:
    text = report_of(folder)
    line = line_of(text, "street_400", "60 s", "3", "gap of crew shifts")
    assert line == ["≤ 18.0 %", "12.5 %", "met", "0.00 %"]
    assert line_of(text, "street_100", "60 s", "1", "gap of crew shifts")[1:3] == ["10.0 %", "met"]
    assert line_of(text, "street_400", "60 s", "3", "first full schedule")[1:3] == ["1.5 s", "met"]
    assert line_of(text, "city_74x1500", "600 s", "0", "gap of crew shifts")[2] == "not run"


def test_a_missed_target_says_by_how_much() -> None:
    (group,) = groups_of([_text(result(crew_shifts=500, first_full_s=""))])
    line = line_of(target_table([group]), "street_400", "60 s", "1", "gap of crew shifts")
    assert line[1:3] == ["25.0 %", "missed by 7.0 points"]
    full = line_of(target_table([group]), "street_400", "60 s", "1", "first full schedule")
    assert full[1:3] == ["never", "missed"]
    seconds = next(t for t in TARGETS if t.unit == "s" and t.instance == "street_400")
    assert verdict(seconds, 2.5) == "missed by 0.5 s"
    assert verdict(seconds, None) == "not known"


def test_the_city_is_held_to_its_whole_ten_minutes() -> None:
    rows = [_text(result("city_74x1500", time_limit_s=t, wall_s=t + 130.0)) for t in (60.0, 420.0, 900.0)]
    line = line_of(target_table(groups_of(rows)), "city_74x1500", "420 s", "1", "from tables to a checked schedule")
    assert line[1:3] == ["550.0 s", "met"]


def test_price_and_what_the_gap_owes(folder: Path) -> None:
    write(folder / "results.csv", result(time_limit_s=600.0, crew_shifts=430, bound_crew_shifts=410))
    text = report_of(folder)
    assert line_of(text, "street_400", "60 s", "1,100")[-1] == "12.5 %"
    owes = text.split("## What the gap owes")[1].split("##")[0]
    assert line_of(owes, "street_400", "60 s") == ["450", "400", "430", "410", "5.0 %", "2.5 %", "5.0 %"]


def test_peers_are_compared_at_no_less_served_weight(folder: Path) -> None:
    text = report_of(folder)
    assert line_of(text, "street_400", "60 s", "best caravan, my_caravan")[1:] == ["10.0 %", "missed by 5.0 points"]
    assert line_of(text, "street_400", "60 s", "best other peer, first_fit")[1:] == ["25.0 %", "met"]
    (versus,) = comparisons(read_rows(folder / "peers.csv"))
    share = fewer(versus, versus.peers["other_caravan"])
    assert share == pytest.approx(-0.125)


def test_a_peer_that_serves_more_is_not_beaten() -> None:
    (versus,) = comparisons([_text(peer("onevisit", 400, 300)), _text(peer("caravan", 600, 250))])
    text = peer_targets([versus])
    assert line_of(text, "street_400", "60 s", "best caravan, caravan")[-1] == "missed: leaves out 50 more weight"


def test_plots_are_drawn_and_the_same_again(folder: Path) -> None:
    report_of(folder)
    plots = folder / "out" / "plots"
    names = sorted(p.name for p in plots.glob("*.svg"))
    assert names == ["gap.svg", "peers.svg", "price.svg", "size.svg", "trace.svg"]
    before = {n: (plots / n).read_bytes() for n in names}
    for data in before.values():
        assert ET.fromstring(data).tag.endswith("svg")
    report_of(folder)
    assert {n: (plots / n).read_bytes() for n in names} == before


def test_missing_files_make_a_report_all_the_same(tmp_path: Path) -> None:
    assert "Nothing was measured yet" in report_of(tmp_path)
    path = write_report([], [], [_text(peer("onevisit", 450))], tmp_path / "peers_only")
    assert "not run" in path.read_text(encoding="utf-8")


def test_rows_of_another_commit_or_an_earlier_run_of_a_seed_do_not_count() -> None:
    rows = [_text(result(seed=s, crew_shifts=c, commit=at)) for s, c, at in
            ((1, 900, "old"), (2, 900, "old"), (1, 500, "new"), (1, 450, "new"))]  # fmt: skip
    (group,) = groups_of(rows)
    assert [r["crew_shifts"] for r in group.rows] == ["450"]


def test_new_columns_join_an_older_file(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", {"x": 1})
    write(tmp_path / "a.csv", {"x": 2, "y": 3})
    write(tmp_path / "a.csv", {"y": 4})
    assert read_rows(tmp_path / "a.csv") == [{"x": "1", "y": ""}, {"x": "2", "y": "3"}, {"x": "", "y": "4"}]


def test_the_trace_knows_the_first_full_schedule() -> None:
    now = [0.0]
    trace = Trace(10_000, 60.0, clock=lambda: now[0])
    looks = [
        (1.0, "bound", None, (None, None, 80, None, None)),
        (2.0, "search", (61, 9, 100, 3, 500), (50, 9, 80, 1, 9)),
        (3.0, "search", (60, 9, 99, 3, 500), (50, 9, 80, 1, 9)),
        (3.1, "search", (60, 9, 98, 3, 500), (50, 9, 80, 1, 9)),
        (4.0, "before", (0, 9, 1, 3, 500), None),
    ]
    for seconds, stage, terms, bounds in looks:
        now[0] = seconds
        assert not trace(Progress(stage=stage, elapsed_s=0.0, iterations=1, terms=terms, bounds=bounds))
    assert trace.first_full_s == 3.0
    assert [p["seconds"] for p in trace.points] == [1.0, 2.0, 3.0]  # 3.1 comes too soon after it
    assert [p["bound_crew_shifts"] for p in trace.points] == [80, 80, 80]


def test_figures_are_written_as_people_read_them() -> None:
    assert (plain(1234.0), plain(126.5), plain(None), plain(NEVER)) == ("1,234", "126.5", "–", "never")
    assert (percent(0.1234), percent(None)) == ("12.3 %", "–")


def _text(row: dict[str, object]) -> dict[str, str]:
    return {k: str(v) for k, v in row.items()}
