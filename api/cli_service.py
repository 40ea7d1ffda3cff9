"""The commands ``onevisit serve`` and ``onevisit db …``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.failures import DONE, FOUND_WRONG, CommandError
from api.options import JsonOption, LangOption, cluster_of, shell_of
from api.shell import note, path_text, say, write, write_json
from scheduler.texts import Text

if TYPE_CHECKING:
    from api.settings import Settings

database = typer.Typer(add_completion=False, rich_markup_mode=None)

DataOption = Annotated[Path | None, typer.Option("--data-dir")]
UrlOption = Annotated[str | None, typer.Option("--database", metavar="URL")]
HostOption = Annotated[str | None, typer.Option("--host")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535)]
ProcessesOption = Annotated[int | None, typer.Option("--processes", min=1, max=64)]
RunsOption = Annotated[int | None, typer.Option("--max-runs", min=0, max=64)]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, max=256)]
ClusterOption = Annotated[str | None, typer.Option("--cluster", metavar="threads|local|ADDRESS")]

_KEY = Text(
    "首次启动：管理员的 API 密钥（只显示这一次）：\n{key}",
    "First start: the administrator's API key (shown this once):\n{key}",
)
_NEW_KEY = Text(
    "新管理员的 API 密钥（只显示这一次）：\n{key}", "A new administrator's API key (shown this once):\n{key}"
)
_WRONG = Text("设置有误：{why}", "a setting is wrong: {why}")
_SERVING = Text(
    "服务已启动：{url}（交互文档 {url}/docs）", "Serving at {url} (interactive documentation at {url}/docs)"
)
_UPGRADED = Text("数据库版本 {revision}", "the database is at revision {revision}")
_SOUND = Text(
    "数据库完好：版本 {revision}，审计记录 {entries:,} 条", "sound: revision {revision}, {entries:,} audit entries"
)
_KEPT = Text("已备份 {rows:,} 行到 {path}", "{rows:,} rows backed up to {path}")
_RESTORED = Text("已恢复 {rows:,} 行", "{rows:,} rows restored")


def settings_of(**given: Any) -> Settings:
    """Return the settings of the environment with what the command line says in their place.

    Raises
    ------
    CommandError : one of them is wrong.
    """
    from pydantic import ValidationError

    from api.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        name = f"ONEVISIT_{found['loc'][0]}: ".upper() if found["loc"] else ""
        raise CommandError(_WRONG, why=name + found["msg"].removeprefix("Value error, ")) from None


def serve(
    ctx: typer.Context,
    data_dir: DataOption = None,
    database_url: UrlOption = None,
    host: HostOption = None,
    port: PortOption = None,
    processes: ProcessesOption = None,
    cluster: ClusterOption = None,
    workers: WorkersOption = None,
    max_runs: RunsOption = None,
    lang: LangOption = None,
) -> int:
    """Serve the planning service."""
    settings = settings_of(
        data_dir=data_dir,
        database_url=database_url,
        host=host,
        port=port,
        processes=processes,
        cluster=cluster_of(cluster),
        workers=workers,
        max_runs=max_runs,
    )
    from api.access.service import first_administrator
    from api.serving import open_store
    from api.serving import serve as run

    shell = shell_of(ctx)
    store = open_store(settings)
    key = first_administrator(store)
    if key is not None:
        say(shell, _KEY, key=key)
    run(settings, store, lambda url: note(shell, _SERVING, url=url))
    return DONE


@database.callback()
def db(lang: LangOption = None) -> None:
    """Take the options of the commands of the database."""


@database.command()
def upgrade(
    ctx: typer.Context, data_dir: DataOption = None, database_url: UrlOption = None, lang: LangOption = None
) -> int:
    """Bring the tables up to this version."""
    from api.serving import open_store
    from api.store.migrate import revision_of

    store = open_store(settings_of(data_dir=data_dir, database_url=database_url))
    with store.reading() as connection:
        say(shell_of(ctx), _UPGRADED, revision=revision_of(connection))
    return DONE


@database.command()
def administrator(
    ctx: typer.Context, data_dir: DataOption = None, database_url: UrlOption = None, lang: LangOption = None
) -> int:
    """Make an administrator with a key."""
    from api.access.service import another_administrator
    from api.serving import existing_store

    say(
        shell_of(ctx),
        _NEW_KEY,
        key=another_administrator(existing_store(settings_of(data_dir=data_dir, database_url=database_url))),
    )
    return DONE


@database.command()
def check(
    ctx: typer.Context,
    data_dir: DataOption = None,
    database_url: UrlOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say what is wrong with the database."""
    from api.operations.backup import findings
    from api.serving import existing_store
    from api.store.audit import verify
    from api.store.migrate import wanted_revision

    shell, store = shell_of(ctx), existing_store(settings_of(data_dir=data_dir, database_url=database_url))
    found = findings(store)
    if shell.as_json:
        write_json({"ok": not found, "findings": found})
        return FOUND_WRONG if found else DONE
    for line in found:
        write(shell.out, line)
    if not found:
        with store.reading() as connection:
            say(shell, _SOUND, revision=wanted_revision(), entries=verify(connection).entries)
    return FOUND_WRONG if found else DONE


@database.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    data_dir: DataOption = None,
    database_url: UrlOption = None,
    lang: LangOption = None,
) -> int:
    """Write a backup."""
    from api.operations.backup import backup as run
    from api.serving import existing_store

    counts = run(existing_store(settings_of(data_dir=data_dir, database_url=database_url)), file)
    say(shell_of(ctx), _KEPT, rows=sum(counts.values()), path=path_text(file.absolute()))
    return DONE


@database.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    data_dir: DataOption = None,
    database_url: UrlOption = None,
    lang: LangOption = None,
) -> int:
    """Fill a new database from a backup."""
    from api.operations.backup import restore as run
    from api.serving import reaching_it, untouched_store

    with reaching_it():
        counts = run(untouched_store(settings_of(data_dir=data_dir, database_url=database_url)), file)
    say(shell_of(ctx), _RESTORED, rows=sum(counts.values()))
    return DONE
