"""Fields that the domain got after schedules had been made: they leave the digests of older cases as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from typing import Any

ADDED: Mapping[str, bool] = {"added": True}
"""Metadata of such a field. It needs a default, which means that the case says nothing of it."""


def is_silent(f: Field[Any], value: object) -> bool:
    """Say whether a field that was added later has its default, and so is no part of the digest."""
    return bool(f.metadata.get("added")) and value == f.default
