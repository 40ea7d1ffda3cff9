"""Names of files made from ids and names of other people: safe on every system, and different for different ids."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

_NOT_SAFE = re.compile(r"[^\w\-]+")
_MAX_CHARACTERS = 40  # of at most 4 bytes each: well under the 255 bytes of a name


def file_stems(names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return a file name without its ending for each (id, name), different also where case does not count.

    A name that is unclear once made safe (another id has the same, or nothing is left) gets a part of its id's hash.
    """
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for key, name in sorted(names):
        stem = _NOT_SAFE.sub("_", name).strip("_")[:_MAX_CHARACTERS]
        if not stem or stem.casefold() in taken:
            stem = f"{stem or 'x'}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
        taken.add(stem.casefold())
        stems[key] = stem
    return stems
