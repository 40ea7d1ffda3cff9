"""What every command needs to speak: the language, whether programs listen, and the two streams."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text as RichText

from api.language import language_of
from scheduler.texts import Lang, Text

WIDTH_OF_FILES = 120
"""Columns of tables where the output is no terminal."""

_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of characters that are not shown but do something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The way a command talks.

    Parameters
    ----------
    as_json : results go to `out` as one JSON value and nothing else does.
    out : results.
    err : progress, warnings and errors.
    """

    lang: Lang
    as_json: bool
    out: Console
    err: Console


def make_shell(args: Sequence[str], environ: Mapping[str, str]) -> Shell:
    """Return the shell for a command line, before it is parsed, so that parsing's errors speak its language."""
    for stream in (sys.stdout, sys.stderr):
        _never_fail_on_a_character(stream)
    before_dashes = list(args[: args.index("--")] if "--" in args else args)
    return Shell(
        lang=language_of(args, environ),
        as_json="--json" in before_dashes,
        out=_console(sys.stdout, environ),
        err=_console(sys.stderr, environ),
    )


def say(shell: Shell, text: Text, **facts: object) -> None:
    """Print a sentence among the results; nothing when programs listen."""
    if not shell.as_json:
        write(shell.out, text.say(shell.lang, **facts))


def note(shell: Shell, text: Text, **facts: object) -> None:
    """Print a sentence beside the results."""
    write(shell.err, text.say(shell.lang, **facts))


def write(console: Console, text: str) -> None:
    """Print lines as they are: neither wrapped nor read as markup."""
    console.print(RichText("\n".join(printable(line) for line in text.split("\n"))), soft_wrap=True)


def write_json(value: Any) -> None:
    """Print one JSON value on standard output, with escapes where its encoding may lack a character."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not utf8, indent=2))


def printable(text: str) -> str:
    """Return a text from a file without characters that could steer a terminal."""
    return text if text.isprintable() else "".join("�" if unicodedata.category(c) in _STEERING else c for c in text)


def path_text(path: Path) -> str:
    """Return a path for a person: printable, whatever bytes the file system allows."""
    return printable(os.fsencode(path).decode("utf-8", errors="replace"))


def _console(stream: TextIO, environ: Mapping[str, str]) -> Console:
    fixed = None if stream.isatty() or environ.get("COLUMNS") else WIDTH_OF_FILES
    return Console(file=stream, width=fixed, markup=False, emoji=False, highlight=False)


def _never_fail_on_a_character(stream: TextIO) -> None:
    """Let a character that the terminal's encoding lacks be shown as a question mark."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
