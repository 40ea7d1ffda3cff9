"""Archives on this side: a case folder packed for an import, a schedule unpacked whole or not at all."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from api.failures import CommandError
from scheduler.texts import Text

CASE_ENDINGS = (".toml", ".csv", ".xlsx", ".xlsm")
"""Files of a case folder that the intake reads."""

MAX_FILES, MAX_BYTES = 100_000, 8 << 30
_PIECE = 1 << 20

_NO_CASE = Text("文件夹 {path} 中没有案例文件", "the folder {path} holds no files of a case")
BAD_ARCHIVE = Text(
    "服务器返回的压缩包无法使用（{why}），没有写入任何文件",
    "the archive that the server sent cannot be used ({why}); nothing was written",
)


class BadArchive(CommandError):
    """An archive that is damaged, or that would write where it may not."""

    code = "bad_archive"


@contextmanager
def packed_case(folder: Path) -> Iterator[Path]:
    """Pack the files of a case folder into a temporary archive, there for as long as the block runs.

    Raises
    ------
    CommandError : the folder holds no such file.
    """
    inside = sorted(folder.iterdir())
    files = [
        p for p in inside if p.suffix.lower() in CASE_ENDINGS and not p.name.startswith((".", "~$")) and p.is_file()
    ]
    if not files:
        raise CommandError(_NO_CASE, path=folder)
    with tempfile.TemporaryDirectory(prefix="onevisit-") as name:
        archive = Path(name) / "case.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            for path in files:
                out.write(path, path.name)
        yield archive


def unpack(archive: Path, folder: Path) -> list[str]:
    """Unpack an archive into a new folder and return the paths in it.

    Raises
    ------
    BadArchive : it is damaged, too large, or has paths that lead out, links, or two files of one name.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            entries = _entries(source)
            folder.mkdir()
            for info, path in entries:
                target = folder.joinpath(*path.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with source.open(info) as packed, target.open("xb") as file:
                    shutil.copyfileobj(packed, file, _PIECE)
            return [path.as_posix() for _, path in entries]
    except FileExistsError as error:
        raise BadArchive(BAD_ARCHIVE, why=f"two files of one name: {Path(error.filename or '?').name}") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, RuntimeError, zlib.error) as error:
        raise BadArchive(BAD_ARCHIVE, why=error) from error


def _entries(source: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    infos = [i for i in source.infolist() if not i.is_dir()]
    if len(infos) > MAX_FILES or sum(i.file_size for i in infos) > MAX_BYTES:
        raise BadArchive(BAD_ARCHIVE, why="too large")
    for info in infos:
        name = info.filename
        path = PurePosixPath(name)
        leads_out = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
        if leads_out or not path.parts or not name.isprintable():
            raise BadArchive(BAD_ARCHIVE, why=f"a path that leads out: {name[:80]!r}")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BadArchive(BAD_ARCHIVE, why=f"a link: {name[:80]!r}")
    if not infos:
        raise BadArchive(BAD_ARCHIVE, why="empty")
    return [(i, PurePosixPath(i.filename)) for i in infos]
