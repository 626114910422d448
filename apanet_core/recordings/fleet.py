"""Many recordings over the processes of this machine, or over a Ray cluster."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType
from typing import Any

from apanet_core.cores import usable_cores
from apanet_core.error_sentences import sentence_of
from apanet_core.errors import ApanetError
from apanet_core.recordings.job import Job
from apanet_core.recordings.tally import Tally

Work = Callable[[Job], Tally]
"""Derains one recording; a function that other processes can import."""

Outcome = tuple[Job, Tally | str]
"""A job and what became of its pairs, or the sentence that says why it failed."""

_ending = _working = False
"""Whether this worker was told to end, and whether it is at a job."""

TERMINATED = 128 + signal.SIGTERM
"""Exit code of a worker that was told to end."""
KNOCK_S = 10.0
ATTEMPTS = 3
"""How often a recording is begun whose worker dies; it goes on where the last one was."""


def attempt(work: Work, job: Job) -> Tally | str:
    """Run one job and return its tally, or the sentence of its error, whatever that is."""
    global _working
    if _ending:
        os._exit(TERMINATED)  # A job that this process was given before it was told to end.
    _working = True
    try:
        return work(job)
    except SystemExit:
        # All is unwound. The pool would take this for the job's result, and wait for the process.
        if _ending:
            os._exit(TERMINATED)
        raise
    except Exception as error:  # The other recordings go on, also after a bug or on a full disk.
        return sentence_of(error)
    finally:
        _working = False


def over_processes(work: Work, jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Run jobs in so many processes of this machine and yield them as they end.

    Each process loads the model once. An interruption, or the end of the iteration, ends the
    processes in order: what they have is kept. Where one dies (killed, out of memory), the jobs
    that were not done are begun again, and go on where they were, up to `ATTEMPTS` times.
    """
    left = list(jobs)
    for _ in range(ATTEMPTS):
        lost: list[Job] = []
        with _threads_shared(processes), _pool(min(processes, len(left))) as pool:
            try:
                with _deaf_to_interrupts():
                    running: dict[Future[Tally | str], Job] = {
                        pool.submit(attempt, work, job): job for job in left
                    }
                for future in as_completed(running):
                    try:
                        yield running[future], future.result()
                    except BrokenProcessPool:
                        lost.append(running[future])
            except BaseException:
                _end(pool)
                raise
        if not lost:
            return
        left = lost
    for job in left:
        yield job, f"Its worker died {ATTEMPTS} times; give it more memory or fewer processes."


def over_ray(work: Work, jobs: Sequence[Job], address: str) -> Iterator[Outcome]:
    """Run jobs on the Ray cluster at `address` and yield them as they end.

    A worker takes one GPU where the cluster has any, else one CPU, and keeps its model from job
    to job. A job whose worker or machine is lost is begun again elsewhere and goes on where it
    was. Inputs and outputs must lie on storage that every machine sees under the same path, and
    apanet_ros must be installed on all.

    Raises:
        ApanetError: there is no cluster at that address.
    """
    ray: Any = importlib.import_module("ray")

    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level="error")
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise ApanetError(
            f"No Ray cluster at {address} ({type(error).__name__}): start one with `ray start "
            "--head`, or give its address."
        ) from error
    try:
        on_gpu = ray.cluster_resources().get("GPU", 0) > 0
        needs: dict[str, Any] = {"num_gpus": 1} if on_gpu else {"num_cpus": 1}
        remote = ray.remote(max_retries=ATTEMPTS, **needs)(attempt)
        running = {remote.remote(work, job): job for job in jobs}
        while running:
            done, _ = ray.wait(list(running), num_returns=1)
            for reference in done:
                job = running.pop(reference)
                try:
                    yield job, ray.get(reference)
                except ray.exceptions.RayError as error:
                    yield job, f"Ray gave it up ({type(error).__name__}): see the cluster's logs."
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise `OSError` where nobody listens at HOST:PORT; Ray itself would try for minutes."""
    host, _, port = address.partition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), KNOCK_S).close()


def _pool(processes: int) -> ProcessPoolExecutor:
    # Forking a process that has used torch or ROS can leave it waiting for a lock for ever.
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, spawn, initializer=_end_when_told)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: this one gets it, and ends them in order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_when_told() -> None:
    """Let SIGTERM unwind the stack of a worker, so that nothing half-written stays."""
    signal.signal(signal.SIGTERM, _unwind)


def _unwind(signal_number: int, _frame: FrameType | None) -> None:
    global _ending
    if _ending and _working:
        return  # It is about to end; the pool says so again where another worker was first.
    _ending = True
    raise SystemExit(128 + signal_number)


def _end(pool: ProcessPoolExecutor) -> None:
    """Have the workers stop where they are and begin nothing new, and wait for their ends."""
    for process in multiprocessing.active_children():
        process.terminate()
    pool.shutdown(cancel_futures=True)


@contextmanager
def _threads_shared(processes: int) -> Iterator[None]:
    """Let new processes share the cores, unless the user has said how many threads to use."""
    if "OMP_NUM_THREADS" in os.environ:
        yield
        return
    os.environ["OMP_NUM_THREADS"] = str(max(1, usable_cores() // processes))
    try:
        yield
    finally:
        del os.environ["OMP_NUM_THREADS"]
