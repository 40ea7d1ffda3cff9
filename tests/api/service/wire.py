"""A wire between client and server that can be cut: a proxy of loopback, which knows nothing of what it carries."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Passes bytes on. Answers may get lost: the server has done its work by then, and the client does not know."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock, self._open, self._losing, self.lost = threading.Lock(), set[socket.socket](), 0, 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def lose(self, answers: int) -> None:
        """Lose the next answers, each with its connection."""
        with self._lock:
            self._losing = answers

    def cut(self) -> None:
        """Cut every connection there is."""
        with self._lock:
            found = list(self._open)
        for end in found:
            _close(end)

    def close(self) -> None:
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open |= {client, server}
                for source, target, is_answer in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass_on, args=(source, target, is_answer), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                if is_answer and self._loses():
                    break
                target.sendall(piece)
        _close(source)
        _close(target)

    def _loses(self) -> bool:
        with self._lock:
            loses = self._losing > 0
            self._losing -= loses
            self.lost += loses
        return loses


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """Lay a wire to a port for as long as the block runs."""
    wire = Wire(port)
    try:
        yield wire
    finally:
        wire.close()
