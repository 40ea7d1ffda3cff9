"""The command ``onevisit notices``."""

from __future__ import annotations

import typer

from api.cli_service import DataOption, UrlOption, settings_of
from api.failures import DONE
from api.options import JsonOption, LangOption, shell_of
from api.shell import say, write_json
from scheduler.texts import Text

_DONE = Text(
    "新预告 {told:,} 条；已发送 {sent:,}，失败 {failed:,}，过期 {expired:,}",
    "{told:,} notices told; {sent:,} sent, {failed:,} failed, {expired:,} expired",
)


def notices(
    ctx: typer.Context,
    data_dir: DataOption = None,
    database_url: UrlOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Tell enterprises what is due, and send what waits."""
    settings = settings_of(data_dir=data_dir, database_url=database_url)
    from api.notices.sending import carry_out_round
    from api.serving import existing_store

    shell, counts = shell_of(ctx), carry_out_round(existing_store(settings), settings)
    if shell.as_json:
        write_json({"ok": True, **counts})
    else:
        say(shell, _DONE, **counts)
    return DONE
