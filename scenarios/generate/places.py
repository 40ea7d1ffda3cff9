"""Places of enterprises: clusters around a street office, as shopping streets and industrial parks make them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

KM_PER_DEGREE = 111.195
"""Length of a degree of latitude on the mean sphere."""

_SCATTERED = 0.10
_SPREAD_KM = (0.08, 0.35)
_ENTERPRISES_PER_CLUSTER = 40


def scatter(centre: tuple[float, float], n: int, area_km2: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return places of n enterprises within a square around a street office.

    Between 6 and 24 clusters of unequal size lie anywhere in the square; an enterprise in a cluster is normally
    distributed around its centre, one in ten lies anywhere.

    Parameters
    ----------
    centre : longitude and latitude of the office.
    n : how many enterprises.
    area_km2 : area of the square.
    rng : source of all draws.

    Returns
    -------
    shape (n, 2), longitude and latitude rounded to six decimals.
    """
    half = np.sqrt(area_km2) / 2
    clusters = int(np.clip(n // _ENTERPRISES_PER_CLUSTER, 6, 24))
    centres = rng.uniform(-0.92 * half, 0.92 * half, size=(clusters, 2))
    spread = rng.uniform(*_SPREAD_KM, size=clusters)
    share = rng.dirichlet(np.full(clusters, 1.5))
    of = rng.choice(clusters, size=n, p=share)
    km = centres[of] + rng.normal(size=(n, 2)) * spread[of, None]
    alone = rng.random(n) < _SCATTERED
    km[alone] = rng.uniform(-half, half, size=(int(alone.sum()), 2))
    km = np.clip(km, -half, half)
    lon = centre[0] + km[:, 0] / (KM_PER_DEGREE * np.cos(np.radians(centre[1])))
    lat = centre[1] + km[:, 1] / KM_PER_DEGREE
    return np.round(np.column_stack((lon, lat)), 6)
