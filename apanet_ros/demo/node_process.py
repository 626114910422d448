"""The real node in a process of its own, started and stopped as a robot would."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from apanet_ros.bags.stereo_bag import NAMESPACE
from apanet_ros.errors import DemoError

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

        Raises `DemoError` that shows the end of the log when the node ends first, or when
        `patience_s` seconds pass.
        """
        deadline_s = time.monotonic() + patience_s
        while not condition():
            if self._process.poll() is not None:
                raise DemoError(f"The node ended before {what}.{self._last_words()}")
            if time.monotonic() > deadline_s:
                raise DemoError(f"No {what} within {patience_s:.0f} s.{self._last_words()}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Interrupt the node and wait for its end; raises `DemoError` unless it ends cleanly."""
        self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            raise DemoError(f"The node did not stop within {STOP_S:.0f} s.") from None
        if code != 0:
            raise DemoError(f"The node ended with exit code {code}.{self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-SHOWN_LOG_LINES:]
        return "".join(f"\n  {line}" for line in [f"The end of {self._log}:", *lines])


@contextmanager
def node_process(model: str, device: str, log: Path) -> Iterator[NodeProcess]:
    """Run the node on the bag's topics; it is gone afterwards, whatever happened.

    Its inputs are reliable, since a replay should lose nothing to the network, and ages count
    from receipt, since the bag's stamps are not of today.
    """
    parameters = {
        "model": model,
        "device": device,
        "input_reliability": "reliable",
        "input_depth": 20,
        "output_depth": 20,
        "latency_reference": "receipt",
    }
    command = [sys.executable, "-m", "apanet_ros.derain_node", "--ros-args"]
    command += ["-r", f"__ns:={NAMESPACE}"]
    for name, value in parameters.items():
        command += ["-p", f"{name}:={json.dumps(value)}"]
    with log.open("wb") as output:
        # In a session of its own, Ctrl-C reaches the demo alone, which then stops the node.
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield NodeProcess(process, log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
