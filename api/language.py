"""The language of messages: ``--lang``, or the locale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.texts import Lang

LANGUAGES: tuple[Lang, ...] = ("zh", "en")


def language_of(args: Sequence[str], environ: Mapping[str, str]) -> Lang:
    """Return the language that the last ``--lang`` asks for, else that of the locale.

    A language that does not exist is passed over here: the option itself refuses it, in the locale's language.
    """
    asked = _locale_language(environ)
    for position, arg in enumerate(args):
        if arg == "--":
            break
        value = arg.removeprefix("--lang=") if arg.startswith("--lang=") else None
        if arg == "--lang" and position + 1 < len(args):
            value = args[position + 1]
        for lang in LANGUAGES:
            if value == lang:
                asked = lang
    return asked


def _locale_language(environ: Mapping[str, str]) -> Lang:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "zh" if environ[name].lower().startswith("zh") else "en"
    return "en"
