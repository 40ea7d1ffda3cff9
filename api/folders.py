"""Files and folders looked at before long work: a run must not end with nowhere to put its result."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path


def require_writable(folder: Path) -> None:
    """Return when a folder can be made (or replaced) at this place.

    Raises
    ------
    OSError : its nearest existing parent is no folder, or may not be written.
    """
    parent = folder.absolute().parent
    while not os.path.lexists(parent) and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(parent))
    if not os.access(parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent))


def require_there(paths: Iterable[Path]) -> None:
    """Return when every path exists.

    Raises
    ------
    FileNotFoundError : one does not; without this, a wrong path would be told as every table missing.
    """
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
