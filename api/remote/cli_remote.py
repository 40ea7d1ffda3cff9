"""The commands ``onevisit remote …``: their parameters. What they do stands in the modules beside this one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.options import (
    DEFAULT_TIME_S,
    IterationsOption,
    JsonOption,
    LangOption,
    OutOption,
    SeedOption,
    TimeOption,
    documents_of,
    formats_of,
    limits_of,
    shell_of,
)
from api.remote.values import AreaLevel, PlanState, Register, RunState, ScheduleState
from api.shell import Shell, note

if TYPE_CHECKING:
    from api.remote.client import Remote

remote = typer.Typer(add_completion=False, rich_markup_mode=None)
DEFAULT_SERVER = "http://127.0.0.1:8000"


ServerOption = Annotated[str, typer.Option("--server", envvar="ONEVISIT_SERVER", metavar="URL")]
KeyFileOption = Annotated[Path | None, typer.Option("--key-file", metavar="FILE")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE")]
PlanArgument = Annotated[str, typer.Argument(metavar="PLAN")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN")]
ScheduleArgument = Annotated[str, typer.Argument(metavar="SCHEDULE")]
HorizonOption = Annotated[str, typer.Option("--horizon", metavar="ID")]
AnyHorizonOption = Annotated[str | None, typer.Option("--horizon", metavar="ID")]
AuthorityOption = Annotated[str | None, typer.Option("--authority", metavar="ID")]
StreetOption = Annotated[str | None, typer.Option("--street", metavar="ID")]
LevelOption = Annotated[AreaLevel, typer.Option("--level")]


@contextmanager
def _service(ctx: typer.Context, server: str, key_file: Path | None) -> Iterator[tuple[Shell, Remote]]:
    """Open the service for one command."""
    from api.remote.access import OPEN, is_readable_by_others, key_of, server_of

    shell, address = shell_of(ctx), server_of(server)
    key = key_of(key_file, os.environ)
    if is_readable_by_others(address):
        note(shell, OPEN, host=address)
    from api.remote.client import Remote

    found = Remote(shell, address, key)
    try:
        yield shell, found
    finally:
        found.close()


@remote.callback()
def service(lang: LangOption = None) -> None:
    """Take the options of the commands of the service."""


@remote.command()
def submit(
    ctx: typer.Context,
    file: FileArgument,
    horizon_id: HorizonOption,
    authority_id: AuthorityOption = None,
    code: Annotated[str | None, typer.Option("--code")] = None,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Submit a plan."""
    from api.remote.submitting import submission_of
    from api.remote.submitting import submit as run

    submission = submission_of(file, horizon_id, authority_id, code)
    with _service(ctx, server, key_file) as (shell, found):
        return run(shell, found, submission)


@remote.command()
def plans(
    ctx: typer.Context,
    horizon_id: AnyHorizonOption = None,
    authority_id: AuthorityOption = None,
    state: Annotated[PlanState | None, typer.Option("--state")] = None,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """List plans."""
    from api.remote.listing import PLANS, list_rows

    with _service(ctx, server, key_file) as (shell, found):
        return list_rows(
            shell, found, "/plans", PLANS, horizon_id=horizon_id, authority_id=authority_id, state=_text(state)
        )


@remote.command()
def approve(
    ctx: typer.Context,
    plan_id: PlanArgument,
    number: Annotated[str, typer.Option("--number")],
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Approve a plan."""
    from api.remote.changing import approve as run

    with _service(ctx, server, key_file) as (shell, found):
        return run(shell, found, plan_id, number)


@remote.command()
def withdraw(
    ctx: typer.Context,
    plan_id: PlanArgument,
    reason: Annotated[str, typer.Option("--reason")],
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Withdraw a plan."""
    from api.remote.changing import withdraw as run

    with _service(ctx, server, key_file) as (shell, found):
        return run(shell, found, plan_id, reason)


@remote.command("import")
def import_(
    ctx: typer.Context,
    file: FileArgument,
    table: Annotated[Register | None, typer.Option("--table")] = None,
    horizon_id: AnyHorizonOption = None,
    approve: Annotated[bool, typer.Option("--approve")] = False,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Import a register or a case."""
    from api.remote.changing import import_file, require_kind

    register = _text(table)
    require_kind(file, register, horizon_id)
    with _service(ctx, server, key_file) as (shell, found):
        return import_file(shell, found, file, table=register, horizon_id=horizon_id, approve=approve)


@remote.command()
def run(
    ctx: typer.Context,
    horizon_id: HorizonOption,
    level: LevelOption = AreaLevel.STREET,
    area: Annotated[str | None, typer.Option("--area", metavar="ID")] = None,
    time_limit: TimeOption = None,
    iterations: IterationsOption = None,
    seed: SeedOption = 1,
    detach: Annotated[bool, typer.Option("--detach")] = False,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Plan an area."""
    limits = limits_of(time_limit, iterations, seed, workers=1, default_s=DEFAULT_TIME_S)
    from api.remote.changing import start_run

    asked: dict[str, Any] = {
        "horizon_id": horizon_id,
        "level": level.value,
        "area_id": area,
        "limits": {"time_s": limits.time_s, "iterations": limits.iterations, "seed": limits.seed},
    }
    with _service(ctx, server, key_file) as (shell, found):
        return start_run(shell, found, asked, detach=detach)


@remote.command()
def outcomes(
    ctx: typer.Context,
    file: FileArgument,
    horizon_id: HorizonOption,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say what became of visits."""
    from api.remote.submitting import tell_outcomes

    with _service(ctx, server, key_file) as (shell, found):
        return tell_outcomes(shell, found, file, horizon_id)


@remote.command()
def replan(
    ctx: typer.Context,
    horizon_id: HorizonOption,
    level: LevelOption = AreaLevel.STREET,
    area: Annotated[str | None, typer.Option("--area", metavar="ID")] = None,
    from_date: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD")] = None,
    freeze_days: Annotated[int, typer.Option("--freeze-days", min=0, max=366)] = 1,
    new_notice_days: Annotated[int, typer.Option("--notice-days", min=0, max=366)] = 0,
    iterations: IterationsOption = None,
    seed: SeedOption = 1,
    detach: Annotated[bool, typer.Option("--detach")] = False,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Plan what is in force anew."""
    from api.remote.changing import start_run

    asked: dict[str, Any] = {
        "horizon_id": horizon_id,
        "level": level.value,
        "area_id": area,
        "from_date": from_date,
        "freeze_days": freeze_days,
        "notice_days": new_notice_days,
        "limits": {"time_s": None, "iterations": iterations, "seed": seed},
    }
    with _service(ctx, server, key_file) as (shell, found):
        return start_run(shell, found, asked, detach=detach, path="/runs/replan")


@remote.command()
def runs(
    ctx: typer.Context,
    horizon_id: AnyHorizonOption = None,
    state: Annotated[RunState | None, typer.Option("--state")] = None,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """List runs."""
    from api.remote.listing import RUNS, list_rows

    with _service(ctx, server, key_file) as (shell, found):
        return list_rows(shell, found, "/runs", RUNS, horizon_id=horizon_id, state=_text(state))


@remote.command()
def watch(
    ctx: typer.Context,
    run_id: RunArgument,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Follow a run."""
    from api.remote.changing import watch as follow
    from api.remote.client import path_of

    with _service(ctx, server, key_file) as (shell, found):
        return follow(shell, found, found.get(path_of("runs", run_id)))


@remote.command()
def stop(
    ctx: typer.Context,
    run_id: RunArgument,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Stop a run."""
    from api.remote.changing import stop as end

    with _service(ctx, server, key_file) as (shell, found):
        return end(shell, found, run_id)


@remote.command()
def schedules(
    ctx: typer.Context,
    horizon_id: AnyHorizonOption = None,
    state: Annotated[ScheduleState | None, typer.Option("--state")] = None,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """List schedules."""
    from api.remote.listing import SCHEDULES, list_rows

    with _service(ctx, server, key_file) as (shell, found):
        return list_rows(shell, found, "/schedules", SCHEDULES, horizon_id=horizon_id, state=_text(state))


@remote.command()
def download(
    ctx: typer.Context,
    schedule_id: ScheduleArgument,
    out: OutOption,
    formats: Annotated[str, typer.Option("--formats", "--format")] = "xlsx,ics",
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Download a schedule."""
    chosen = formats_of(formats)
    from api.remote.schedules import download as run

    with _service(ctx, server, key_file) as (shell, found):
        return run(shell, found, schedule_id, out, chosen, documents_of(lang))


@remote.command()
def publish(
    ctx: typer.Context,
    schedule_id: ScheduleArgument,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Publish a schedule."""
    from api.remote.changing import publish as run

    with _service(ctx, server, key_file) as (shell, found):
        return run(shell, found, schedule_id)


@remote.command()
def check(
    ctx: typer.Context,
    schedule_id: ScheduleArgument,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check a schedule."""
    from api.remote.schedules import check as run

    with _service(ctx, server, key_file) as (shell, found):
        return run(shell, found, schedule_id)


@remote.command()
def missing(
    ctx: typer.Context,
    horizon_id: HorizonOption,
    street_id: Annotated[str, typer.Option("--street", metavar="ID")],
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show who has not submitted."""
    from api.remote.listing import show_missing

    with _service(ctx, server, key_file) as (shell, found):
        return show_missing(shell, found, horizon_id, street_id)


@remote.command()
def alerts(
    ctx: typer.Context,
    horizon_id: HorizonOption,
    street_id: StreetOption = None,
    authority_id: AuthorityOption = None,
    enterprise_id: Annotated[str | None, typer.Option("--enterprise", metavar="ID")] = None,
    server: ServerOption = DEFAULT_SERVER,
    key_file: KeyFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show reminders."""
    from api.remote.listing import show_alerts

    asked = {"horizon_id": horizon_id, "street_id": street_id, "authority_id": authority_id}
    with _service(ctx, server, key_file) as (shell, found):
        return show_alerts(shell, found, **asked, enterprise_id=enterprise_id)


def _text(value: StrEnum | None) -> str | None:
    return None if value is None else value.value
