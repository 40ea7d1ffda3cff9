"""Zip archives: put together, and taken apart with suspicion: no path leads out, none is a bomb, memory stays small."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from api.errors import Refusal

MAX_ENTRIES = 200
MAX_UNPACKED = 2 << 30
MAX_RATIO = 200
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LONGEST_NAME = 200
_PIECE = 1 << 20
_LEVEL = 3


def inspect(path: Path) -> None:
    """Look through an archive's directory.

    Raises
    ------
    Refusal : it is no archive, or one that we do not unpack.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _entries(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        raise Refusal("bad_archive", why="no sound zip archive") from None


def unpack(path: Path, folder: Path, limit: int = MAX_UNPACKED) -> None:
    """Unpack the files of a case, without the folder that they may lie in.

    Parameters
    ----------
    limit : bytes of all files, unpacked.

    Raises
    ------
    Refusal : it is no archive, one that we do not unpack, or it holds other than its directory says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for entry, name in _entries(archive, limit):
                size = 0
                with archive.open(entry) as source, (folder / name).open("xb") as target:
                    while piece := source.read(_PIECE):  # ends at the size that the directory says, at the latest
                        size += target.write(piece)
                if size != entry.file_size:
                    raise Refusal("bad_archive", why="damaged: a file of another size")
    except FileExistsError:
        raise Refusal("bad_archive", why="two files of one name") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, RuntimeError, zlib.error) as error:
        raise Refusal("bad_archive", why=f"damaged: {error}"[:200]) from None


def pack(folder: Path, archive: Path) -> None:
    """Pack every file below a folder into a new archive, in the order of names."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                out.write(path, path.relative_to(folder).as_posix())


def _entries(archive: zipfile.ZipFile, limit: int = MAX_UNPACKED) -> list[tuple[zipfile.ZipInfo, str]]:
    infos = [i for i in archive.infolist() if not i.is_dir()]
    if len(infos) > MAX_ENTRIES:
        raise Refusal("bad_archive", why=f"more than {MAX_ENTRIES} files")
    if sum(i.file_size for i in infos) > limit:
        raise Refusal("bad_archive", why="too large when unpacked")
    out = []
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0].startswith("/") or ":" in parts[0] or "\0" in info.filename:
            raise Refusal("bad_archive", why="a path that leads out of it")
        if len(parts[-1].encode("utf-8", "replace")) > _LONGEST_NAME:
            raise Refusal("bad_archive", why="a name too long")
        if info.compress_type not in _METHODS:
            raise Refusal("bad_archive", why="packed in an unusual way")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Refusal("bad_archive", why="a link")
        if info.flag_bits & 1:
            raise Refusal("bad_archive", why="encrypted")
        if info.file_size > MAX_RATIO * max(info.compress_size, 1) and info.file_size > _PIECE:
            raise Refusal("bad_archive", why="packed suspiciously well")
        if not parts[-1].startswith(".") and "__MACOSX" not in parts:
            out.append((info, parts[-1]))
    if not out:
        raise Refusal("bad_archive", why="empty")
    return out
