"""The service as people run it: ``onevisit serve`` in a process of its own, on a socket of loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60.0
ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith("ONEVISIT_")} | {"LANG": "en_US.UTF-8", "LC_ALL": ""}


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """A server that takes requests; `key` is the administrator's, empty when this was not its first start."""

    url: str
    key: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def running_server(
    data_dir: Path, *, port: int = 0, environ: Mapping[str, str] | None = None
) -> Iterator[ServerProcess]:
    """Start a server on a data folder and end it with the block, as a service manager does."""
    data_dir.mkdir(parents=True, exist_ok=True)
    out, err = data_dir / "serve.out", data_dir / "serve.err"
    command = [sys.executable, "-m", "api", "serve", "--data-dir", str(data_dir), "--port", str(port)]
    settings = {"ONEVISIT_CLUSTER": "threads", "ONEVISIT_RATE_LIMIT": "", "ONEVISIT_POLL_S": "0.1", **(environ or {})}
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(command, stdout=to_out, stderr=to_err, env={**ENVIRON, **settings})
    try:
        url = _address(process, err)
        said = out.read_text("utf-8").split()
        yield ServerProcess(url=url, key=said[-1] if said else "", pid=process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], err: Path) -> str:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for line in err.read_text("utf-8", "replace").splitlines():
            if line.startswith("Serving at "):
                return line.split()[2]
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"the server does not start: {err.read_text('utf-8', 'replace')}")
