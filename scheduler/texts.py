"""Texts for people, in Chinese and English; every text is kept beside the code that says it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """A sentence in both languages, with ``{named}`` places."""

    zh: str
    en: str

    def say(self, lang: Lang, /, **facts: object) -> str:
        """Return the sentence in a language with its places filled.

        Without facts it is said as it is: braces in other people's words are no places.
        """
        sentence = self.zh if lang == "zh" else self.en
        return sentence.format(**facts) if facts else sentence

    def filled(self, **facts: object) -> Text:
        """Return the sentence in both languages with its places filled; facts may be texts themselves."""

        def said(lang: Lang) -> str:
            return self.say(lang, **{k: v.say(lang) if isinstance(v, Text) else v for k, v in facts.items()})

        return Text(said("zh"), said("en"))
