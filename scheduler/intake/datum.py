"""Coordinates: GCJ-02, the shifted datum of Chinese map services, into WGS-84.

GCJ-02 adds to WGS-84 a published smooth offset of 300 m to 600 m, worked out on the Krasovsky 1940 ellipsoid. It has no
closed inverse: :func:`gcj02_to_wgs84` searches the fixed point ``w = g - offset(w)``, which converges by a factor
of about 1000 in every step.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]

_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_STEPS = 5


class Datum(StrEnum):
    """What longitudes and latitudes of a case mean."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"


def in_china(lon: Degrees, lat: Degrees) -> npt.NDArray[np.bool_]:
    """Say which places lie in the box in which map services shift coordinates."""
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return shifted longitudes and latitudes in degrees; places outside China are unchanged."""
    d_lon, d_lat = _offset(lon, lat)
    inside = in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return WGS-84 longitudes and latitudes within a millimetre; places outside China are unchanged."""
    inside = in_china(lon, lat)
    w_lon, w_lat = lon.astype(np.float64), lat.astype(np.float64)
    for _ in range(_STEPS):
        d_lon, d_lat = _offset(w_lon, w_lat)
        w_lon, w_lat = np.where(inside, lon - d_lon, lon), np.where(inside, lat - d_lat, lat)
    return w_lon, w_lat


def _offset(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return the shift in degrees, as a sum of waves over the distance from (105, 35)."""
    x, y = lon - 105.0, lat - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    short = (20 * np.sin(6 * pi * x) + 20 * np.sin(2 * pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + short
    north += (20 * np.sin(pi * y) + 40 * np.sin(pi * y / 3)) * 2 / 3
    north += (160 * np.sin(pi * y / 12) + 320 * np.sin(pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + short
    east += (20 * np.sin(pi * x) + 40 * np.sin(pi * x / 3)) * 2 / 3
    east += (150 * np.sin(pi * x / 12) + 300 * np.sin(pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    bend = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    metres_lat = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (bend * np.sqrt(bend)) * pi / 180
    metres_lon = _AXIS_M / np.sqrt(bend) * np.cos(phi) * pi / 180
    return east / metres_lon, north / metres_lat
