"""Files in the database, in pieces: what was uploaded, and the cases that runs planned from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from api.store.schema import upload_pieces, uploads

PIECE = 1 << 20


def keep(connection: Connection, upload_id: str, name: str, media_type: str, at: str, data: Iterable[bytes]) -> None:
    """Store a file under an id."""
    head = {"upload_id": upload_id, "name": name, "media_type": media_type, "created_at": at}
    connection.execute(insert(uploads).values(**head, size=0, digest=""))
    digest, size = hashlib.sha256(), 0
    for number, piece in enumerate(data):
        digest.update(piece)
        size += len(piece)
        connection.execute(insert(upload_pieces).values(upload_id=upload_id, number=number, data=piece))
    changed = update(uploads).where(uploads.c.upload_id == upload_id)
    connection.execute(changed.values(size=size, digest=digest.hexdigest()))


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file on disk piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def fetch(connection: Connection, upload_id: str) -> Iterator[bytes]:
    """Yield a stored file piece by piece."""
    numbers = select(upload_pieces.c.number).where(upload_pieces.c.upload_id == upload_id)
    for number in connection.scalars(numbers.order_by(upload_pieces.c.number)).all():
        one = select(upload_pieces.c.data).where(
            upload_pieces.c.upload_id == upload_id, upload_pieces.c.number == number
        )
        yield bytes(connection.execute(one).scalar_one())


def fetch_to(connection: Connection, upload_id: str, path: Path) -> None:
    """Write a stored file to disk."""
    with path.open("wb") as file:
        for piece in fetch(connection, upload_id):
            file.write(piece)
