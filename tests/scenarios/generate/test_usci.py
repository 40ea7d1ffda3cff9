from __future__ import annotations

import numpy as np
from stdnum.cn import uscc

from scenarios.generate.usci import fictional_usci

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_codes_are_valid_and_differ() -> None:
    codes = fictional_usci(["440311"] * 20_000, np.arange(20_000) % 3 == 0, start=999_999)
    assert all(uscc.is_valid(c) for c in codes)
    assert len(set(codes)) == len(codes)
    assert {c[:2] for c in codes} == {"91", "92"}


def test_organisation_part_has_its_own_check_character() -> None:
    for code in fictional_usci(["440303"] * 200, np.zeros(200, dtype=bool), start=5):
        rest = (11 - sum(w * _ALPHABET.index(c) for w, c in zip(_WEIGHTS, code[8:16], strict=True)) % 11) % 11
        assert code[16] == "0123456789X"[rest]


def test_no_enterprises_need_no_codes() -> None:
    assert fictional_usci([], np.zeros(0, dtype=bool), start=0) == []
