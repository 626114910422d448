"""The real node in a process of its own, started and stopped as a robot would."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apanet_ros.errors import NodeProcessError

NAMESPACE = "/stereo"
OUTPUT_NAMESPACE = f"{NAMESPACE}/derained"
NODE_NAME = f"{NAMESPACE}/derain_node"
POLL_S = 0.02
STOP_S = 20.0
SHOWN_LOG_LINES = 10


class NodeProcess:
    """A running derain_node; its log is kept in a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def wait_until(self, condition: Callable[[], bool], what: str, patience_s: float) -> None:
        """Return when `condition` holds.

        Raises `NodeProcessError` that shows the end of the log when the node ends first, or when
        `patience_s` seconds pass.
        """
        deadline_s = time.monotonic() + patience_s
        while not condition():
            self.check(what)
            if time.monotonic() > deadline_s:
                raise NodeProcessError(f"No {what} within {patience_s:.0f} s.{self._last_words()}")
            time.sleep(POLL_S)

    def check(self, what: str = "it was told to") -> None:
        """Raise `NodeProcessError` that shows the end of the log when the node has ended."""
        if self._process.poll() is not None:
            raise NodeProcessError(f"The node ended before {what}.{self._last_words()}")

    @property
    def threads(self) -> int:
        """How many threads the node has."""
        return len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))

    def stop(self) -> None:
        """Interrupt the node and wait for its clean end; raises `NodeProcessError` without one."""
        self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            raise NodeProcessError(f"The node did not stop within {STOP_S:.0f} s.") from None
        if code != 0:
            raise NodeProcessError(f"The node ended with exit code {code}.{self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-SHOWN_LOG_LINES:]
        return "".join(f"\n  {line}" for line in [f"The end of {self._log}:", *lines])


@contextmanager
def node_process(parameters: Mapping[str, Any], log: Path) -> Iterator[NodeProcess]:
    """Run the node below `NAMESPACE`; it is gone afterwards, whatever happened.

    Args:
        parameters: what differs from the defaults.
        log: file for what the node says.
    """
    command = [sys.executable, "-m", "apanet_ros.derain_node", "--ros-args"]
    command += ["-r", f"__ns:={NAMESPACE}"]
    for name, value in parameters.items():
        command += ["-p", f"{name}:={json.dumps(value)}"]
    with log.open("wb") as output:
        # In a session of its own, Ctrl-C reaches the tool alone, which then stops the node.
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield NodeProcess(process, log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
