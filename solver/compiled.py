"""Where compiled code is kept: one folder for each state of the sources.

Numba compiles a function anew when its own file has changed, but not when a function that it calls in another file has,
nor for another level of optimisation: after an upgrade or an edit it would go on running code of the old sources.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PREFIX = "compiled-"
KEPT = 3
"""Folders of other states that stay, the newest: a program that runs on older sources may still write there."""


def fingerprint(sources: Iterable[Path], *settings: str) -> str:
    """Return 16 hexadecimal digits that change with the text of any source and with any setting."""
    h = hashlib.sha256("\x1f".join(settings).encode())
    for path in sorted(sources):
        h.update(f"\n[{path.as_posix()}]\n".encode())
        h.update(path.read_bytes())
    return h.hexdigest()[:16]


def folder_of(package: Path, *settings: str) -> Path | None:
    """Return the folder for code compiled from the package as it stands, ``None`` where nothing can be written.

    Folders of other states of the sources are removed, all but a few.
    """
    parent = package / "__pycache__"
    try:
        parent.mkdir(exist_ok=True)
    except OSError:
        return None
    if not os.access(parent, os.W_OK):
        return None
    wanted = parent / (PREFIX + fingerprint(package.rglob("*.py"), *settings))
    others = sorted((p for p in parent.glob(PREFIX + "*") if p != wanted), key=_written)
    for other in others[:-KEPT]:
        shutil.rmtree(other, ignore_errors=True)
    return wanted


def _written(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:  # another program has just removed it
        return 0


def keep_in_folder() -> None:
    """Let numba keep what it compiles in :func:`folder_of` the solver, unless the environment names a folder.

    Before any njit. Compiling at level 1 takes a third less, and the code runs as fast (measured); numba reads the
    level when it is imported.
    """
    os.environ.setdefault("NUMBA_OPT", "1")
    from numba import config

    settings: Any = config
    folder = folder_of(Path(__file__).parent, os.environ["NUMBA_OPT"])
    if not settings.CACHE_DIR and folder is not None:
        settings.CACHE_DIR = str(folder)
