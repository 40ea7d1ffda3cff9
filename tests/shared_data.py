"""The folder of test data beside the project; absent for most people, required in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """Return a path in the shared folder; skip when it is absent, fail when CI=true."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        reason = f"test data {'/'.join(parts) or 'shared'} is not beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
