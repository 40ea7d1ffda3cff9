"""What fills the port for parallel work: threads of this process, processes of this machine, or a cluster (Dask)."""

from __future__ import annotations

import gc
import logging
import queue
import threading
import uuid
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from api import clock, machine
from api.failures import CommandError
from scheduler.texts import Text
from solver.limits import Progress, Watcher
from solver.parallel import InProcess, P, PartWatcher, Port, R, Task

if TYPE_CHECKING:
    from distributed import Client, Event, Future

THREADS, LOCAL = "threads", "local"
"""Values of ``--cluster`` beside the address of a scheduler."""

MANY_ENTERPRISES = 5_000
"""From so many on, work in Python runs in processes unless told otherwise: starting them takes some seconds."""

LOOK_S = 0.5
"""Seconds between two words of a part."""

ASK_S = 2.0
"""Seconds that a worker waits for a stop before it asks again; a stop reaches it at once."""

PATIENCE_S = 30.0
"""Seconds that a cluster may be without any worker before the work goes on in this process."""

CONNECT_S = 10.0
ALLOWED_LOSSES = 2
"""A part whose worker was lost more often than this is run in this process: it may be what kills them."""

_UNREACHABLE = Text(
    "无法连接 Dask 调度器 {address}：{why}",
    "cannot reach the Dask scheduler {address}: {why}",
)


@contextmanager
def open_port(cluster: str | None, workers: int, enterprises: int) -> Iterator[Port]:
    """Open the port for as long as the block runs.

    Parameters
    ----------
    cluster : ``threads``, ``local``, a scheduler's address, or ``None`` for what suits the number of enterprises.
    workers : threads or local processes; a cluster brings its own number.

    Raises
    ------
    CommandError : no scheduler answers at the address.
    """
    if cluster is None:
        if enterprises >= MANY_ENTERPRISES and workers > 1:
            yield ThreadsAndProcesses(workers)
            return
        cluster = THREADS
    if cluster == THREADS:
        yield InProcess(workers)
        return
    with _client(cluster, workers) as client:
        port = DaskPort(client)
        try:
            yield port
        finally:
            port.close()


@contextmanager
def _client(cluster: str, workers: int) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    dask.config.set({"distributed.scheduler.allowed-failures": ALLOWED_LOSSES})
    if cluster == LOCAL:
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=":0",
                memory_limit=0,  # no pausing or spilling: a part that is begun is finished
                silence_logs=logging.CRITICAL,
            ) as local,
            Client(local) as client,
        ):
            yield client
        return
    try:
        client = Client(cluster, timeout=CONNECT_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise CommandError(_UNREACHABLE, address=cluster, why=error) from error
    with client:
        yield client


class ThreadsAndProcesses:
    """Compiled work in threads, which copy nothing; all other in local processes, started for as long as it takes."""

    def __init__(self, workers: int) -> None:
        self._threads = InProcess(workers)

    @property
    def width(self) -> int:
        """Threads, or processes."""
        return self._threads.width

    def map(
        self, task: Task[P, R], parts: Iterable[P], watch: PartWatcher | None = None, *, compiled: bool = False
    ) -> list[R]:
        """Return the task's result of every part, in their order."""
        if compiled:
            return self._threads.map(task, parts, watch)
        with _client(LOCAL, self.width) as client:
            port = DaskPort(client)
            try:
                return port.map(task, parts, watch)
            finally:
                port.close()


class DaskPort:
    """Parts as tasks of a Dask cluster.

    A lost worker's part begins again on another; when no worker is left, or a part has lost too many, it runs here.
    The watcher is called in the thread of :meth:`map`.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._words: queue.SimpleQueue[tuple[str, int, Progress]] = queue.SimpleQueue()
        self._topic = f"onevisit-{uuid.uuid4().hex}"
        client.subscribe_topic(self._topic, self._hear)

    def close(self) -> None:
        """Stop listening."""
        self._client.unsubscribe_topic(self._topic)

    @property
    def width(self) -> int:
        """Threads of all workers, at least 1."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def map(
        self, task: Task[P, R], parts: Iterable[P], watch: PartWatcher | None = None, *, compiled: bool = False
    ) -> list[R]:
        """Return the task's result of every part, in their order."""
        run = _Run(self._client, self._topic, self._words, watch)
        width = self.width
        try:
            for k, part in enumerate(parts):
                run.submit(task, k, part)
                while len(run.running) >= width:
                    run.collect(task)
            while run.running:
                run.collect(task)
        finally:
            run.end()
            gc.collect()  # what was sent hangs in cycles, and is large
        return [run.results[k] for k in range(len(run.results))]

    def _hear(self, event: Any) -> None:
        """Take a word of a part in; called in the client's own thread."""
        _, word = event
        if not isinstance(word, dict) or "part" not in word:
            return  # a worker's own news
        terms = word["terms"]
        progress = Progress(
            stage=word["stage"],
            elapsed_s=word["elapsed_s"],
            iterations=word["iterations"],
            terms=None if terms is None else tuple(terms),
        )
        self._words.put((word["run"], word["part"], progress))


class _Run:
    """One call of :meth:`DaskPort.map`."""

    def __init__(
        self,
        client: Client,
        topic: str,
        words: queue.SimpleQueue[tuple[str, int, Progress]],
        watch: PartWatcher | None,
    ) -> None:
        from distributed import Event

        self.client, self.topic, self.words, self.watch = client, topic, words, watch
        self.name = f"stop-{uuid.uuid4().hex}"
        self.stop = Event(self.name, client=client)
        self.stopped = False
        self.running: dict[Future[Any], tuple[int, Any]] = {}
        self.results: dict[int, Any] = {}
        self.alone_since: float | None = None

    def submit(self, task: Task[P, R], k: int, part: P) -> None:
        """Hand a part to the cluster."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")  # a part is sent once, and is large
            future = self.client.submit(_work, task, part, k, self.topic, self.name, pure=False)
        self.running[future] = k, part

    def collect(self, task: Task[P, R]) -> None:
        """Wait a moment for a part to be done; tell the watcher; see whether the cluster still works."""
        from distributed import wait

        try:
            done = list(wait(list(self.running), timeout=LOOK_S, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            done = []
        for future in done:
            k, part = self.running.pop(future)
            self.results[k] = self._result(task, future, k, part)
        self._tell()
        if self._is_deserted():
            for future, (k, part) in list(self.running.items()):
                del self.running[future]
                future.cancel()
                self.results[k] = task(part, self._looker(k))

    def _result(self, task: Task[P, R], future: Future[Any], k: int, part: P) -> R:
        from distributed import KilledWorker

        try:
            found: R = future.result()
            return found
        except (KilledWorker, CancelledError, OSError, TimeoutError):
            return task(part, self._looker(k))
        finally:
            future.release()

    def _tell(self) -> None:
        while not self.words.empty():
            run, k, progress = self.words.get()
            if run == self.name:
                self._looker(k)(progress)

    def _looker(self, k: int) -> Watcher:
        def look(progress: Progress) -> bool:
            if self.watch is not None and not self.stopped and self.watch(k, progress):
                self.stopped = True
                self.stop.set()
            return self.stopped

        return look

    def _is_deserted(self) -> bool:
        """Say whether there has been no worker for too long."""
        if self.client.status == "running" and self.client.nthreads():
            self.alone_since = None
            return False
        now = clock.seconds()
        self.alone_since = now if self.alone_since is None else self.alone_since
        return now - self.alone_since >= PATIENCE_S

    def end(self) -> None:
        """End parts that still run, when something went wrong here, and leave nothing behind."""
        if self.running:
            self.stop.set()
            self.client.cancel(list(self.running))


def _work(task: Task[P, R], part: P, k: int, topic: str, stop_name: str) -> R:
    """Run the task on a worker; it tells of itself through the scheduler, and ends when it is asked to there."""
    from distributed import Event, get_client, get_worker

    machine.collect_less()
    worker = get_worker()
    stop, done, stopped = Event(stop_name, client=get_client()), threading.Event(), threading.Event()
    # Asking costs a way to the scheduler and back, so a thread of its own asks, and the search never waits for it.
    threading.Thread(target=_wait_for_stop, args=(stop, done, stopped), daemon=True).start()
    last = -LOOK_S

    def look(progress: Progress) -> bool:
        nonlocal last
        now = clock.seconds()
        if now - last >= LOOK_S:
            last = now
            word = {
                "run": stop_name,
                "part": k,
                "stage": progress.stage,
                "elapsed_s": progress.elapsed_s,
                "iterations": progress.iterations,
                "terms": progress.terms,
            }
            worker.log_event(topic, word)
        return stopped.is_set()

    try:
        return task(part, look)
    finally:
        done.set()


def _wait_for_stop(stop: Event, done: threading.Event, stopped: threading.Event) -> None:
    """Pass a stop on until the task is done."""
    while not done.is_set():
        try:
            if stop.wait(timeout=ASK_S):
                stopped.set()
                return
        except (OSError, RuntimeError, TimeoutError, CancelledError):  # the scheduler is gone, and soon this worker
            done.wait(ASK_S)
