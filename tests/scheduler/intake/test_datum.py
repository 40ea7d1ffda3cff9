"""GCJ-02: the way there is that of public reference points, the way back exact, outside China nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler.intake.datum import gcj02_to_wgs84, wgs84_to_gcj02
from scheduler.travel import distance_km


def test_the_way_back_is_within_a_centimetre_all_over_china() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(75, 135, 5000), rng.uniform(18, 53, 5000)
    back_lon, back_lat = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert np.abs(back_lon - lon).max() < 1e-7
    assert np.abs(back_lat - lat).max() < 1e-7


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [((116.397, 39.909), (116.40324, 39.91040)), ((114.05, 22.54), (114.05510, 22.53727))],
)
def test_known_places_are_shifted_as_map_services_do(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    lon, lat = wgs84_to_gcj02(np.array([wgs[0]]), np.array([wgs[1]]))
    assert distance_km((float(lon[0]), float(lat[0])), gcj) < 0.002


def test_the_shift_at_shenzhen_is_about_600_metres() -> None:
    lon, lat = wgs84_to_gcj02(np.array([114.05]), np.array([22.54]))
    assert 0.5 < distance_km((114.05, 22.54), (float(lon[0]), float(lat[0]))) < 0.7


def test_places_outside_china_are_unchanged() -> None:
    lon, lat = np.array([-79.38, 151.2]), np.array([43.65, -33.9])
    assert [list(a) for a in gcj02_to_wgs84(lon, lat)] == [list(lon), list(lat)]
    assert [list(a) for a in wgs84_to_gcj02(lon, lat)] == [list(lon), list(lat)]
