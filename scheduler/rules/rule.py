"""What a rule is: one code, one checker, one sentence in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from scheduler.ledger import Ledger
from scheduler.texts import Lang, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One place where a schedule breaks a rule.

    Parameters
    ----------
    text : the sentence, with the names of `facts` as its places.
    facts : figures of the sentence, as (name, value) pairs.
    ids : the visits, crew shifts, items, enterprises or authorities concerned, the first one foremost.
    """

    text: Text
    facts: tuple[tuple[str, str], ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken rule: the rule's code, and the fault."""

    code: str
    fault: Fault

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids concerned, the first one foremost."""
        return self.fault.ids

    def sentence(self, lang: Lang) -> str:
        """Return one sentence that says what is wrong, with its code."""
        return f"{self.code} {self.fault.text.say(lang, **dict(self.fault.facts))}"


Checker = Callable[[Ledger], Iterator[Fault]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``docs/model.md``.

    Parameters
    ----------
    code : R01 and on; never used again for another rule.
    name : short name in both languages.
    statement : what holds in every schedule.
    find : yields every place where a schedule breaks it.
    """

    code: str
    name: Text
    statement: Text
    find: Checker

    def violations(self, ledger: Ledger) -> Iterator[Violation]:
        """Yield a violation for every place where the schedule breaks the rule."""
        for fault in self.find(ledger):
            yield Violation(code=self.code, fault=fault)


def rule(code: str, name: Text, statement: Text) -> Callable[[Checker], Rule]:
    """Make a rule of the checker that it decorates."""

    def decorate(find: Checker) -> Rule:
        return Rule(code=code, name=name, statement=statement, find=find)

    return decorate


def fault(zh: str, en: str, *ids: str, **facts: object) -> Fault:
    """Return a fault; `zh` and `en` name the facts in braces, and ``{id}`` is the first id."""
    values = tuple(sorted((name, str(value)) for name, value in facts.items()))
    return Fault(text=Text(zh, en), facts=(("id", ids[0] if ids else ""), *values), ids=ids)


def on_day(day: int) -> str:
    """Return a day number as ``YYYY-MM-DD``; a number that is no day as it is."""
    return date.fromordinal(day).isoformat() if 1 <= day <= date.max.toordinal() else str(day)


def at(minute: int) -> str:
    """Return minutes after midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
