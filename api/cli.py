"""The command ``onevisit``: its commands and parameters. What they do stands in the modules beside this one.

Everything heavy (tables, compilation, solvers) is imported inside the commands, so that help and faults are quick.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from api.cli_draw import drawing
from api.cli_explain import explaining
from api.cli_generate import making
from api.cli_moves import move, slots, urgent
from api.cli_notices import notices
from api.cli_outline import outline
from api.cli_question import questions
from api.cli_replan import replan
from api.cli_service import database, serve
from api.cli_simulate import simulate
from api.cli_whatif import whatif
from api.failures import FOUND_WRONG, GIVEN_UP, USAGE, Failure, failure_of
from api.help_texts import COMMANDS, PARAMETERS
from api.machine import versions
from api.options import (
    DEMO_TIME_S,
    BeforeOption,
    CaseArgument,
    ClusterOption,
    FormatOption,
    IterationsOption,
    JsonOption,
    LangOption,
    ManyOption,
    OutOption,
    SeedOption,
    TimeOption,
    WorkersOption,
    ZoneOption,
    cluster_of,
    day_of,
    documents_of,
    formats_of,
    limits_of,
    shell_of,
    zone_of,
)
from api.remote.cli_remote import remote
from api.shell import Shell, make_shell, note, write_json
from api.usage import usage_text
from scheduler.texts import Lang, Text

_ERROR = Text("错误：{message}", "error: {message}")
_GIVEN_UP = Text("已放弃。", "Given up.")
app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(making, name="generate")
app.add_typer(explaining, name="explain")
app.add_typer(database, name="db")
app.add_typer(drawing, name="draw")
app.add_typer(questions, name="question")
app.add_typer(remote, name="remote")
app.command()(serve)
app.command()(simulate)
app.command()(replan)
app.command()(outline)
app.command()(whatif)
app.command()(urgent)
app.command()(move)
app.command()(slots)
app.command()(notices)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code: 0 done, 1 found wrong, 2 usage, 130 given up."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _carry_out(args, make_shell(args, os.environ))
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    return code


def _carry_out(args: list[str], shell: Shell) -> int:
    """Run a command line, tell how it fails, and return its exit code."""
    try:
        code = _command(shell.lang).main(args, prog_name="onevisit", standalone_mode=False, obj=shell)
    except BrokenPipeError:  # for `main`
        raise
    except TyperException as error:
        return _fail(shell, Failure(exit_code=USAGE, code="usage", message=usage_text(error, shell.lang)))
    except KeyboardInterrupt:
        code = GIVEN_UP
    except Exception as error:
        if os.environ.get("ONEVISIT_DEBUG"):
            raise
        return _fail(shell, failure_of(error, shell.lang))
    if code == GIVEN_UP:
        note(shell, _GIVEN_UP)
    return int(code or 0)


def _fail(shell: Shell, failure: Failure) -> int:
    """Tell of a failure, to programs on standard output as well, and return its exit code."""
    note(shell, _ERROR, message=failure.message)
    if shell.as_json:
        from scheduler.intake.report import as_json

        error = {"code": failure.code, "message": failure.message}
        write_json({"ok": False, "error": error, "problems": as_json(failure.problems)})
    return failure.exit_code


def _reader_left() -> int:
    """End quietly when whoever read the output (a pager, ``head``) has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FOUND_WRONG


def _command(lang: Lang) -> Any:
    """Return the parser with all its help in one language."""
    command = typer.main.get_command(app)
    _localise(command, "onevisit", lang)
    return command


def _localise(command: Any, name: str, lang: Lang) -> None:
    command.help = COMMANDS[name].say(lang)
    command.short_help = re.split(r"。|\. ", command.help)[0].rstrip(".")
    for param in command.params:
        if param.param_type_name == "option" or hasattr(param, "help"):
            own = PARAMETERS.get(f"{name.split()[-1]}_{param.name}")
            param.help = (own or PARAMETERS[param.name]).say(lang)
    for child, below in getattr(command, "commands", {}).items():
        _localise(below, child if name == "onevisit" else f"{name} {child}", lang)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"onevisit {versions().get('onevisit', '?')}")
        raise typer.Exit


@app.callback()
def root(
    lang: LangOption = None,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
) -> None:
    """Take the options of all commands; `main` has read the language already."""


@app.command()
def solve(
    ctx: typer.Context,
    case: CaseArgument,
    out: OutOption,
    time_limit: TimeOption = None,
    iterations: IterationsOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 2,
    formats: FormatOption = "xlsx,ics",
    before: BeforeOption = None,
    cluster: ClusterOption = None,
    timezone: ZoneOption = "Asia/Shanghai",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Solve a case."""
    limits = limits_of(time_limit, iterations, seed, workers)
    chosen, zone, where = formats_of(formats), zone_of(timezone), cluster_of(cluster)
    from api.solving import SolveRequest
    from api.solving import solve as run

    request = SolveRequest(
        sources=tuple(case),
        out=out,
        limits=limits,
        formats=chosen,
        with_before=before,
        cluster=where,
        timezone=zone,
        lang=documents_of(lang),
    )
    return run(shell_of(ctx), request)


@app.command()
def check(ctx: typer.Context, case: Path, schedule: Path, lang: LangOption = None, as_json: JsonOption = False) -> int:
    """Check a schedule folder."""
    from api.checking import check_schedule

    return check_schedule(shell_of(ctx), case, schedule)


@app.command()
def show(
    ctx: typer.Context,
    schedule: Path,
    case: Annotated[Path | None, typer.Option("--case")] = None,
    street: Annotated[ManyOption, typer.Option("--street")] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD")] = None,
    enterprise: Annotated[ManyOption, typer.Option("--enterprise")] = None,
    authority: Annotated[ManyOption, typer.Option("--authority")] = None,
    lang: LangOption = None,
) -> int:
    """Show visits."""
    day = None if date is None else day_of(date)
    from api.show import Choice
    from api.show import show as run

    choice = Choice(
        streets=tuple(street or ()), enterprises=tuple(enterprise or ()), authorities=tuple(authority or ()), day=day
    )
    return run(shell_of(ctx), schedule, case, choice)


@app.command()
def validate(ctx: typer.Context, case: CaseArgument, lang: LangOption = None, as_json: JsonOption = False) -> int:
    """Report every problem of a case."""
    from api.checking import validate as run

    return run(shell_of(ctx), tuple(case))


@app.command()
def demo(
    ctx: typer.Context,
    out: OutOption = Path("demo"),
    time_limit: TimeOption = None,
    iterations: IterationsOption = None,
    enterprises: Annotated[int, typer.Option("--enterprises", min=1)] = 400,
    seed: SeedOption = 1,
    workers: WorkersOption = 2,
    formats: FormatOption = "all",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Generate and solve a street."""
    limits = limits_of(time_limit, iterations, seed, workers, default_s=DEMO_TIME_S)
    chosen = formats_of(formats)
    from api.generating import demo as run
    from api.solving import SolveRequest
    from scenarios.generate.spec import GenerateSpec

    request = SolveRequest(
        sources=(),
        out=out,
        limits=limits,
        formats=chosen,
        with_before=True,
        cluster=None,
        timezone="Asia/Shanghai",
        lang=documents_of(lang),
    )
    return run(shell_of(ctx), out, GenerateSpec(enterprises=enterprises, seed=seed), request)
