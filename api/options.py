"""Options that several commands share, and what their texts mean."""

from __future__ import annotations

import math
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.failures import UsageFault
from api.shell import Shell
from scheduler.texts import Lang, Text
from solver.limits import Limits

DEFAULT_TIME_S, DEMO_TIME_S = 60.0, 20.0
FORMATS = ("xlsx", "ics", "pdf")
"""``scheduler.export.bundle.OUTPUT_FORMATS``, known here without loading what writes them."""

MAX_SEED = 2**31 - 1
MAX_WORKERS = 256

_TIME = Text("--time-limit 应为大于 0 的秒数", "--time-limit must be seconds, more than 0")
_FORMAT = Text("未知的输出格式 {name}；可用：{known}", "unknown output format {name}; known: {known}")
_CLUSTER = Text(
    "--cluster 应为 threads、local 或 Dask 调度器的地址（如 tcp://主机:8786），现为 {value}",
    "--cluster must be threads, local or the address of a Dask scheduler such as tcp://host:8786, not {value}",
)
_ZONE = Text(
    "未知的时区 {name}；请用 IANA 名称，如 Asia/Shanghai",
    "unknown time zone {name}; use an IANA name such as Asia/Shanghai",
)
_CLOCK = Text("--start 应为时间 HH:MM，现为 {value}", "--start must be a time HH:MM, not {value}")
_DATE = Text("--date 应为日期 YYYY-MM-DD，现为 {value}", "--date must be a date YYYY-MM-DD, not {value}")


class Language(StrEnum):
    """Values of ``--lang``."""

    ZH = "zh"
    EN = "en"


LangOption = Annotated[Language | None, typer.Option("--lang")]
"""Read ahead of the parser by ``api.language``; the parser only refuses what is no language."""

JsonOption = Annotated[bool, typer.Option("--json")]
CaseArgument = Annotated[list[Path], typer.Argument(metavar="CASE")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=MAX_SEED)]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=MAX_WORKERS)]
IterationsOption = Annotated[int | None, typer.Option("--iterations", min=0)]
TimeOption = Annotated[float | None, typer.Option("--time-limit")]
FormatOption = Annotated[str, typer.Option("--format")]
ClusterOption = Annotated[str | None, typer.Option("--cluster", metavar="threads|local|ADDRESS")]
BeforeOption = Annotated[bool | None, typer.Option("--before/--no-before")]
ZoneOption = Annotated[str, typer.Option("--timezone")]
OutOption = Annotated[Path, typer.Option("--out")]
ManyOption = list[str] | None


def shell_of(ctx: typer.Context) -> Shell:
    """Return the shell that `main` made for this command line."""
    shell = ctx.obj
    assert isinstance(shell, Shell)
    return shell


def documents_of(lang: Language | None) -> Lang:
    """Return the language of written documents: Chinese, as street offices send them, unless one was asked for."""
    return "en" if lang is Language.EN else "zh"


def limits_of(
    time_s: float | None, iterations: int | None, seed: int, workers: int, *, default_s: float = DEFAULT_TIME_S
) -> Limits:
    """Return the limits of a search: iterations alone lift the time limit, so that a run repeats.

    Raises
    ------
    UsageFault : seconds that are none.
    """
    if time_s is None and iterations is None:
        time_s = default_s
    if time_s is not None and not (math.isfinite(time_s) and time_s > 0):
        raise UsageFault(_TIME)
    return Limits(time_s=time_s, iterations=iterations, seed=seed, workers=workers)


def formats_of(text: str) -> frozenset[str]:
    """Return the formats of a list with commas; ``all`` and ``none`` stand alone.

    Raises
    ------
    UsageFault : a format that does not exist.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return frozenset(FORMATS)
    if names == ["none"]:
        return frozenset()
    for name in names or [text]:
        if name not in FORMATS:
            raise UsageFault(_FORMAT, name=repr(name), known=", ".join((*FORMATS, "all", "none")))
    return frozenset(names)


def cluster_of(text: str | None) -> str | None:
    """Return where parts run: ``threads``, ``local``, or the address of a scheduler.

    Raises
    ------
    UsageFault : none of them.
    """
    if text is None or text in ("threads", "local"):
        return text
    scheme, _, rest = text.partition("://")
    if scheme in ("tcp", "tls", "ws", "wss") and rest:
        return text
    raise UsageFault(_CLUSTER, value=repr(text))


def zone_of(name: str) -> str:
    """Return the name of a time zone.

    Raises
    ------
    UsageFault : it is no IANA name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageFault(_ZONE, name=repr(name)) from error
    return name


def day_of(text: str) -> int:
    """Return the day number of a date.

    Raises
    ------
    UsageFault : it is none.
    """
    try:
        return date.fromisoformat(text.strip()).toordinal()
    except ValueError as error:
        raise UsageFault(_DATE, value=repr(text)) from error


def minute_of(text: str) -> int:
    """Return the minutes after midnight of ``HH:MM``.

    Raises
    ------
    UsageFault : it is none.
    """
    hours, colon, minutes = text.strip().partition(":")
    good = colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60
    if not good:
        raise UsageFault(_CLOCK, value=repr(text))
    return int(hours) * 60 + int(minutes)
