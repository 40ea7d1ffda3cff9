"""Settings of all tests: hypothesis draws the same examples in every run, and slow machines fail nothing."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "onevisit", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("onevisit")
