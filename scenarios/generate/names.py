"""Names of enterprises that do not exist, made from word lists and marked （示例）, example."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import numpy.typing as npt

_FIRST = (
    "云星海鹏锦晟泽鼎华瑞嘉恒博盛宏凯明晨旭峰远泰安益康福祥和顺通达润"
    "丰汇聚融信诚德仁义礼智雅韵悦欣怡乐卓越创新科启航帆澜"
)
_SECOND = (
    "源波潮湾岭山林森竹松梅兰菊荷莲玉珠金铭钰辰宇轩昊霖沐溪川岳麓原野禾谷穗粤港圳宝坪光梧桐棠榕棕椰舟帆楼阁亭台桥津渡"
)
_MARK = "（示例）"


def _shuffled(n: int, space: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return n numbers that run through 0..space-1 in a mixed order, and on from `space` when n is larger."""
    step = int(rng.integers(1, space))
    while gcd(step, space) != 1:
        step = step % (space - 1) + 1
    i = np.arange(n, dtype=np.int64)
    return (int(rng.integers(space)) + step * i) % space + i // space * space


def enterprise_names(
    industry: npt.NDArray[np.int64],
    trades: Sequence[Sequence[str]],
    individual: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> list[str]:
    """Return a name for every enterprise, all different.

    Parameters
    ----------
    industry : index of each enterprise's industry, shape (n,).
    trades : words for the trade, for each industry.
    individual : whether each is an individual business, which has a short name.
    rng : mixes the words.
    """
    names = [""] * len(industry)
    for k, words in enumerate(trades):
        members = np.flatnonzero(industry == k)
        brands = len(_FIRST) * len(_SECOND)
        numbers = _shuffled(len(members), brands * len(words), rng)
        for i, number in zip(members.tolist(), numbers.tolist(), strict=True):
            branch, rest = divmod(number, brands * len(words))
            trade, brand = divmod(rest, brands)
            stem = _FIRST[brand % len(_FIRST)] + _SECOND[brand // len(_FIRST)] + _MARK + words[trade]
            name = f"深圳市{stem}" if individual[i] else f"深圳市{stem}有限公司"
            names[i] = f"{name}第{branch + 1}分部" if branch else name
    return names
