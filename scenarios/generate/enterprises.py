"""Enterprises of the streets: industry, credit class, name, code, place and closures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from scenarios.generate.names import enterprise_names
from scenarios.generate.places import scatter
from scenarios.generate.streets import StreetFact, read_rows
from scenarios.generate.usci import fictional_usci

CREDIT_CLASSES = ("A", "B", "C", "D")
CREDIT_SHARES = (0.3, 0.4, 0.2, 0.1)
_MIX_STRENGTH = 60.0  # of the Dirichlet distribution around the shares of the industries: streets differ, not wildly
_INDIVIDUAL = {"restaurant": 0.35, "retail": 0.35, "entertainment": 0.15}
_CLOSED_SHARE = 0.10
_CLOSED_DATES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """A kind of enterprise with its share of enterprises and words for its trade."""

    code: str
    name: str
    share: float
    trades: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprises:
    """All enterprises; arrays have shape (number of enterprises,), columns follow the same order.

    Parameters
    ----------
    street, industry, credit : indices.
    columns : the columns of enterprises.csv.
    """

    street: npt.NDArray[np.int64]
    industry: npt.NDArray[np.int64]
    credit: npt.NDArray[np.int64]
    columns: dict[str, list[object]]


@cache
def all_industries() -> tuple[Industry, ...]:
    """Return the ten industries; their shares add up to 1."""
    return tuple(
        Industry(code=r["industry"], name=r["name"], share=float(r["share"]), trades=tuple(r["trades"].split(";")))
        for r in read_rows("industries.csv")
    )


def draw_enterprises(
    streets: Sequence[StreetFact],
    counts: Sequence[int],
    area_km2: float,
    dates: Sequence[date],
    rng: np.random.Generator,
) -> Enterprises:
    """Return the enterprises of all streets, street by street.

    Parameters
    ----------
    streets : in the order in which their enterprises follow.
    counts : enterprises of each street.
    area_km2 : area of each street.
    dates : inspection dates, from which closures are taken.
    rng : source of all draws.
    """
    industries = all_industries()
    shares = np.array([i.share for i in industries])
    n = sum(counts)
    street = np.repeat(np.arange(len(streets)), counts)
    mixes = rng.dirichlet(shares / shares.sum() * _MIX_STRENGTH, size=len(streets))
    industry = np.concatenate(
        [rng.choice(len(industries), size=c, p=mix) for c, mix in zip(counts, mixes, strict=True)]
    ).astype(np.int64)
    credit = rng.choice(len(CREDIT_CLASSES), size=n, p=CREDIT_SHARES).astype(np.int64)
    place = np.concatenate([scatter((s.lon, s.lat), c, area_km2, rng) for s, c in zip(streets, counts, strict=True)])
    own = np.array([_INDIVIDUAL.get(i.code, 0.0) for i in industries])
    individual = rng.random(n) < own[industry]
    regions = [streets[s].region for s in street.tolist()]
    columns: dict[str, list[object]] = {
        "enterprise_id": [f"E{i:06d}" for i in range(n)],
        "name": [*enterprise_names(industry, [i.trades for i in industries], individual, rng)],
        "street_id": [streets[s].street_code for s in street.tolist()],
        "lon": place[:, 0].tolist(),
        "lat": place[:, 1].tolist(),
        "usci": [*fictional_usci(regions, individual, int(rng.integers(1_000_000)))],
        "industry": [industries[i].code for i in industry.tolist()],
        "credit_class": [CREDIT_CLASSES[c] for c in credit.tolist()],
        "closed_dates": [*_closures(n, dates, rng)],
    }
    return Enterprises(street=street, industry=industry, credit=credit, columns=columns)


def _closures(n: int, dates: Sequence[date], rng: np.random.Generator) -> list[str]:
    """Return the closed dates of each enterprise: one in ten is shut for five inspection dates in a row."""
    last = max(1, len(dates) - _CLOSED_DATES + 1)
    spans = [";".join(d.isoformat() for d in dates[i : i + _CLOSED_DATES]) for i in range(last)]
    shut = rng.random(n) < _CLOSED_SHARE
    start = rng.integers(last, size=n)
    return [spans[i] if s else "" for s, i in zip(shut.tolist(), start.tolist(), strict=True)]
