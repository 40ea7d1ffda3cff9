"""Which server, and as whom: the address of the command line, and a key that never stands there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from api.failures import UsageFault
from scheduler.texts import Text

KEY = "ONEVISIT_KEY"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_SERVER = Text(
    "--server 应为服务地址，如 https://主机:8000，现为 {value}",
    "--server must be the address of a service such as https://host:8000, not {value}",
)
_NO_KEY = Text(
    "缺少 API 密钥：请设置环境变量 ONEVISIT_KEY，或用 --key-file 指定密钥文件",
    "no API key: set ONEVISIT_KEY, or name a file that holds it with --key-file",
)
_BAD_KEY = Text("{where} 中不是一个 API 密钥", "{where} holds no API key")
OPEN = Text(
    "提醒：到 {host} 的连接未加密，密钥以明文传输；请使用 https。",
    "Note: the connection to {host} is not encrypted, and the key travels readably; use https.",
)


def server_of(text: str) -> str:
    """Return the address of a server without a slash at its end.

    Raises
    ------
    UsageFault : it is none, or holds a password.
    """
    try:
        parts = urlsplit(text.strip())
        port_is_one = parts.port is None or parts.port > 0
    except ValueError as error:
        raise UsageFault(_SERVER, value=repr(text)) from error
    more = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_one or more:
        raise UsageFault(_SERVER, value=repr(text))
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def is_readable_by_others(server: str) -> bool:
    """Say whether a key would travel unencrypted to another machine."""
    parts = urlsplit(server)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


def key_of(file: Path | None, environ: Mapping[str, str]) -> str:
    """Return the key of a file, or else of the environment.

    Raises
    ------
    UsageFault : there is none, or what is there cannot be a key.
    OSError : the file cannot be read.
    """
    if file is None:
        where, text = KEY, environ.get(KEY, "")
        if not text.strip():
            raise UsageFault(_NO_KEY)
    else:
        where, text = str(file), file.read_bytes()[:4096].decode("ascii", errors="replace")
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageFault(_BAD_KEY, where=where)
    return key
