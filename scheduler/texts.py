"""Texts for people, in Chinese and English; every text is kept beside the code that says it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """A sentence in both languages, with ``{named}`` places."""

    zh: str
    en: str

    def say(self, lang: Lang, /, **facts: object) -> str:
        """Return the sentence in a language with its places filled."""
        return (self.zh if lang == "zh" else self.en).format(**facts)
