"""The command line itself: what is refused as usage, help, language, versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from api.cli import app, main
from api.help_texts import COMMANDS, PARAMETERS
from api.language import language_of
from api.machine import versions
from tests.api.conftest import Onevisit

SOLVE = ("solve", "case", "--out", "s")


@pytest.mark.parametrize(
    ("args", "zh", "en"),
    [
        ((), "缺少命令", "missing command"),
        (("nope",), "没有命令 nope", "no command nope"),
        (("solve", "--out", "s"), "缺少 CASE", "missing CASE"),
        (("solve", "case"), "缺少 --out", "missing --out"),
        ((*SOLVE, "--frobnicate"), "没有选项 --frobnicate", "no option --frobnicate"),
        (("solve", "case", "--out"), "--out", "--out"),
        ((*SOLVE, "--seed", "x"), "应为整数", "must be a whole number"),
        ((*SOLVE, "--seed", "-1"), "应不小于 0", "must be at least 0"),
        ((*SOLVE, "--workers", "0"), "应不小于 1", "must be at least 1"),
        ((*SOLVE, "--workers", "1000"), "应不大于 256", "must be at most 256"),
        ((*SOLVE, "--time-limit", "0"), "大于 0 的秒数", "more than 0"),
        ((*SOLVE, "--time-limit", "nan"), "--time-limit", "--time-limit"),
        ((*SOLVE, "--time-limit", "soon"), "应为数字", "must be a number"),
        ((*SOLVE, "--iterations", "-5"), "应不小于 0", "must be at least 0"),
        ((*SOLVE, "--format", "docx"), "未知的输出格式 'docx'", "unknown output format 'docx'"),
        ((*SOLVE, "--format", "all,pdf"), "未知的输出格式 'all'", "unknown output format 'all'"),
        ((*SOLVE, "--timezone", "Mars/Olympus"), "未知的时区", "unknown time zone"),
        (("check", "a", "b", "c"), "多余的参数：c", "too many arguments: c"),
        (("generate",), "缺少命令", "missing command"),
        (("generate", "street", "--out", "c", "--crews", "many"), "'scarce', 'plenty'", "'scarce', 'plenty'"),
        (("generate", "city", "--out", "c", "--place", "粤海"), "不能再指定", "no meaning"),
        (("generate", "street", "--out", "c", "--area-km2", "0"), "正整数", "positive"),
    ],
)
def test_faults_of_usage_exit_with_2_in_either_language(
    onevisit: Onevisit, args: tuple[str, ...], zh: str, en: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = onevisit(*args)
    assert (said.code, said.out) == (2, "")
    assert en in said.err
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    said = onevisit(*args)
    assert said.code == 2
    assert zh in said.err


def test_an_unknown_language_is_a_usage_fault(onevisit: Onevisit) -> None:
    said = onevisit(*SOLVE, "--lang", "fr")
    assert said.code == 2
    assert "--lang" in said.err


@pytest.mark.parametrize(
    ("args", "environ", "lang"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ([], {"LANG": "", "LC_ALL": ""}, "en"),
        (["--lang", "zh"], {"LANG": "en_GB.UTF-8"}, "zh"),
        (["--lang=en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["--lang", "fr"], {"LANG": "zh_CN.UTF-8"}, "zh"),
        (["--", "--lang", "zh"], {}, "en"),
        (["--lang"], {}, "en"),
    ],
)
def test_the_language_is_asked_for_or_that_of_the_locale(args: list[str], environ: dict[str, str], lang: str) -> None:
    assert language_of(args, environ) == lang


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        yield from _commands(below, child if name == "onevisit" else f"{name} {child}")


def test_every_command_and_parameter_has_help_in_both_languages() -> None:
    names = dict(_commands(typer.main.get_command(app), "onevisit"))
    assert set(names) == set(COMMANDS)
    own = {f"{name.split()[-1]}_{p.name}" for name, command in names.items() for p in command.params}
    shared = {p.name for command in names.values() for p in command.params}
    assert shared <= set(PARAMETERS)
    assert set(PARAMETERS) <= shared | own
    for text in (*COMMANDS.values(), *PARAMETERS.values()):
        assert text.zh
        assert text.en


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_is_shown_in_the_language(onevisit: Onevisit, name: str) -> None:
    args = [] if name == "onevisit" else name.split()
    for lang, words in (("zh", COMMANDS[name].zh), ("en", COMMANDS[name].en)):
        said = onevisit("--lang", lang, *args, "--help")
        assert said.code == 0
        assert words[:8] in said.out


def test_the_version_is_told(onevisit: Onevisit) -> None:
    said = onevisit("--version")
    assert said.code == 0
    assert said.out.startswith("onevisit ")


def test_versions_name_python_and_the_solvers() -> None:
    assert {"python", "numpy", "numba", "ortools", "pandas"} <= set(versions())


def test_main_takes_its_arguments_from_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["onevisit", "--version"])
    assert main() == 0
    assert "onevisit" in capsys.readouterr().out
