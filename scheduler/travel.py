"""Travel: minutes of a leg from great-circle distance, as FORMATS defines it.

A leg takes 0 minutes between equal coordinates, else ``ceil(stop + 60 * detour * km / speed - 1e-9)`` with
`km` the haversine distance on a sphere of radius 6371.0088 km (the mean radius R1 of the IUGG).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scheduler.domain.policy import TravelRules

EARTH_RADIUS_KM = 6371.0088

Place = tuple[float, float]
"""(longitude, latitude), WGS-84 decimal degrees."""


def distance_km(a: Place, b: Place) -> float:
    """Return the great-circle distance of two places in kilometres."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def leg_min(rules: TravelRules, a: Place, b: Place) -> int:
    """Return the whole minutes of a leg, 0 between equal coordinates."""
    if a == b:
        return 0
    return math.ceil(rules.stop_min + 60 * rules.detour * distance_km(a, b) / rules.speed_kmh - 1e-9)


def leg_matrix(rules: TravelRules, places: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """Return the minutes of every leg between places, agreeing with :func:`leg_min`.

    Parameters
    ----------
    places : shape (n, 2), longitude and latitude.

    Returns
    -------
    shape (n, n), symmetric, zero between equal coordinates.
    """
    n = len(places)
    out = np.zeros((n, n), dtype=np.int16)
    lon, lat = np.radians(places[:, 0]), np.radians(places[:, 1])
    rows = max(1, 4_000_000 // max(1, n))
    for lo in range(0, n, rows):
        hi = min(n, lo + rows)
        h = np.sin((lat[None, :] - lat[lo:hi, None]) / 2) ** 2
        h = h + np.cos(lat[lo:hi, None]) * np.cos(lat[None, :]) * np.sin((lon[None, :] - lon[lo:hi, None]) / 2) ** 2
        km = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(h)))
        minutes = np.ceil(rules.stop_min + 60 * rules.detour * km / rules.speed_kmh - 1e-9)
        same = (places[lo:hi, 0][:, None] == places[:, 0]) & (places[lo:hi, 1][:, None] == places[:, 1])
        out[lo:hi] = np.where(same, 0, np.minimum(minutes, 32_000)).astype(np.int16)
    return out
