"""Temporary files: every process has a folder of its own, and a server that starts clears what dead ones left.

A folder is in use for as long as its process holds the lock on the file beside it; the system gives a lock up when its
holder ends, however it ends, so that no process is ever taken for another.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing is cleared there
    fcntl = None  # type: ignore[assignment]

_LOCK = ".lock"


def own_folder(data_dir: Path) -> Path:
    """Return this process's folder for temporary files; it goes when the process ends in an orderly way."""
    folder = _owned(data_dir.absolute())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _owned(data_dir: Path) -> Path:
    parent = _parent(data_dir)
    parent.mkdir(parents=True, exist_ok=True)
    while True:
        handle, name = tempfile.mkstemp(suffix=_LOCK, dir=parent)
        if _take(handle) and os.path.exists(name):  # else a server took it for one of the dead
            break
        os.close(handle)
    folder = Path(name.removesuffix(_LOCK))
    atexit.register(_remove, folder)
    return folder


def clear_left(data_dir: Path) -> int:
    """Delete the temporary files of processes that are no more; return of how many."""
    count = 0
    for lock in _parent(data_dir).glob(f"*{_LOCK}") if fcntl is not None else ():
        try:
            handle = os.open(lock, os.O_RDWR)
        except OSError:
            continue
        try:
            if _take(handle):
                _remove(lock.with_name(lock.name.removesuffix(_LOCK)))
                count += 1
        finally:
            os.close(handle)
    return count


def remove_own(data_dir: Path) -> None:
    """Delete this process's temporary files, before it ends without further ado."""
    _remove(_owned(data_dir.absolute()))


def _parent(data_dir: Path) -> Path:
    return data_dir / "temporary"


def _take(handle: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name(folder.name + _LOCK).unlink(missing_ok=True)
