"""Real processes over real DDS: a domain of one's own, processes that end, a peer that listens."""

from __future__ import annotations

import fcntl
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sensor_msgs.msg import Image

PATIENCE = 180.0
"""Seconds anything may take on a busy machine before a test calls it lost."""

# Ports of higher domains lie among those the kernel lends to anybody.
_DOMAINS = range(1, 102)


@pytest.fixture
def ros_domain() -> Iterator[int]:
    """Claim a ROS domain that no other test of this machine is on."""
    first = os.getpid() % len(_DOMAINS)
    for domain in itertools.islice(itertools.cycle(_DOMAINS), first, first + len(_DOMAINS)):
        path = Path(tempfile.gettempdir(), f"apanet_ros_domain_{domain}.lock")
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield domain
            return
    pytest.fail("Every ROS domain is taken by another test.")


@pytest.fixture
def ros_environment(ros_domain: int) -> dict[str, str]:
    """The environment of a process on the test's own domain, which stays on this machine."""
    return os.environ | {
        "ROS_DOMAIN_ID": str(ros_domain),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "RCUTILS_COLORIZED_OUTPUT": "0",
        "PYTHONUNBUFFERED": "1",
        # More threads than that only get in each other's way where many tests run at once.
        "OMP_NUM_THREADS": "1",
    }


class Process:
    """A process whose output is kept in a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def resident_bytes(self) -> int:
        """What the process holds of the machine's memory."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")

    def wait_for(self, text: str) -> None:
        """Wait until the process has printed a text."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.output:
            assert self.running, f"The process ended before {text!r}:\n{self.output}"
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.output}"
            time.sleep(0.05)

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for the process to end by itself and return its exit code."""
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"The process did not end:\n{self.output}") from None

    def stop(self, number: int = signal.SIGINT) -> int:
        """Signal the process, wait for its end and return its exit code."""
        self.send_signal(number)
        return self.end()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


StartProcess = Callable[..., Process]


@pytest.fixture
def start_process(ros_environment: dict[str, str], tmp_path: Path) -> Iterator[StartProcess]:
    """Start this Python with arguments, on the test's domain; it ends with the test."""
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        log = tmp_path / f"process_{len(processes)}.log"
        process = Process([sys.executable, *arguments], ros_environment, log)
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.running:
            process.kill()


@pytest.fixture
def start_node(start_process: StartProcess, small_model: Path) -> StartProcess:
    """Start the derain node with the small model, further ROS arguments and parameters."""

    def start(*arguments: str, namespace: str = "/", **parameters: Any) -> Process:
        values = {"model": small_model, "device": "cpu"} | parameters
        given = [part for name in values for part in ("-p", f"{name}:={values[name]}")]
        given += ["-r", f"__ns:={namespace}", *arguments]
        node = start_process("-m", "apanet_ros.derain_node", "--ros-args", *given)
        node.wait_for("Ready")
        return node

    return start


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small network that changes every picture: random, none of them zero."""
    return _save_random_model(8, tmp_path_factory.mktemp("model") / "small.safetensors")


@pytest.fixture(scope="session")
def large_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of more than 100 MB."""
    return _save_random_model(768, tmp_path_factory.mktemp("model") / "large.safetensors")


def _save_random_model(width: int, path: Path) -> Path:
    torch = pytest.importorskip("torch")
    from apanet_core.network.apanet import APANet
    from apanet_core.network.checkpoint import save_model
    from apanet_core.network.config import ApanetConfig

    torch.manual_seed(7)
    config = ApanetConfig(
        width=width, blocks=(1, 1), memory_size=(8, 8), parallax=(True, True), stem_fold=4
    )
    model = APANet(config)
    for name, weights in model.named_parameters():
        if name.endswith(("beta", "gamma")):
            torch.nn.init.normal_(weights, std=0.3)
    save_model(model, path)
    return path


class Peer:
    """A ROS node in this process, on the test's domain."""

    def __init__(self, domain: int) -> None:
        import rclpy
        from rclpy.context import Context
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.node import Node
        from rclpy.signals import SignalHandlerOptions

        self._context = Context()
        rclpy.init(
            context=self._context,
            domain_id=domain,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        self.node = Node("peer", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)

    def collect(self, message_type: type[Any], topic: str, qos: Any = 100) -> list[Any]:
        """Subscribe; the list that comes back grows with every message."""
        messages: list[Any] = []
        self.node.create_subscription(message_type, topic, messages.append, qos)
        return messages

    def spin_until(
        self, condition: Callable[[], Any], what: str, patience: float = PATIENCE
    ) -> Any:
        """Take messages in until a condition holds and return it."""
        deadline = time.monotonic() + patience
        while not (result := condition()):
            assert time.monotonic() < deadline, f"{what} did not come within {patience:.0f} s"
            self._executor.spin_once(timeout_sec=0.05)
        return result

    def spin_for(self, seconds: float) -> None:
        """Take messages in for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        self._executor.shutdown()
        self.node.destroy_node()
        self._context.try_shutdown()


@pytest.fixture
def peer(ros_domain: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    """A node in this process that publishes to and listens to the others."""
    pytest.importorskip("rclpy")
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    peer = Peer(ros_domain)
    yield peer
    peer.close()


class CameraPair:
    """Publishes stereo images and camera_infos where the node takes them."""

    def __init__(self, peer: Peer) -> None:
        from rclpy.qos import QoSProfile
        from sensor_msgs.msg import CameraInfo, Image

        qos = QoSProfile(depth=100)
        self._peer = peer
        self._publishers = {
            (side, name): peer.node.create_publisher(kind, f"/{side}/{name}", qos)
            for side in ("left", "right")
            for name, kind in (("image_rect", Image), ("camera_info", CameraInfo))
        }

    def connect(self) -> None:
        """Wait until the node is subscribed to all four topics."""
        self._peer.spin_until(
            lambda: all(each.get_subscription_count() for each in self._publishers.values()),
            "a subscriber of all four inputs",
        )

    def send(self, side: str, pixels: Any, stamp: int, encoding: str = "rgb8") -> None:
        """Publish uint8 `[H,W,C]` pixels under a stamp in nanoseconds."""
        self.send_image(side, image_message(pixels, stamp, encoding, f"{side}_optical"))

    def send_image(self, side: str, image: Image) -> None:
        self._publishers[side, "image_rect"].publish(image)

    def send_info(self, side: str, stamp: int) -> None:
        """Publish a camera_info that carries its stamp's milliseconds as width."""
        from sensor_msgs.msg import CameraInfo

        info = CameraInfo(width=stamp // 1_000_000 % 1_000_000)
        info.header.stamp.sec, info.header.stamp.nanosec = divmod(stamp, 1_000_000_000)
        info.header.frame_id = f"{side}_optical"
        self._publishers[side, "camera_info"].publish(info)


def image_message(pixels: Any, stamp: int, encoding: str, frame_id: str) -> Image:
    from sensor_msgs.msg import Image

    height, width, channels = pixels.shape
    image = Image(height=height, width=width, encoding=encoding, step=width * channels)
    image.header.stamp.sec, image.header.stamp.nanosec = divmod(stamp, 1_000_000_000)
    image.header.frame_id = frame_id
    image.data.frombytes(pixels.tobytes())
    return image


@pytest.fixture
def cameras(peer: Peer) -> CameraPair:
    return CameraPair(peer)


class DerainedOutput:
    """Everything the node has published so far, as seen by a subscriber."""

    def __init__(self, peer: Peer, namespace: str) -> None:
        from diagnostic_msgs.msg import DiagnosticArray
        from sensor_msgs.msg import CameraInfo, Image

        self._peer = peer
        self.left = peer.collect(Image, f"{namespace}/left/image_rect")
        self.right = peer.collect(Image, f"{namespace}/right/image_rect")
        self.left_info = peer.collect(CameraInfo, f"{namespace}/left/camera_info")
        self.right_info = peer.collect(CameraInfo, f"{namespace}/right/camera_info")
        self.diagnostics = peer.collect(DiagnosticArray, "/diagnostics")

    def values(self, part: str) -> dict[str, str]:
        """The latest values of the status "input" or "pairs"."""
        return {value.key: value.value for value in self.status(part).values}

    def status(self, part: str) -> Any:
        """The latest status "input" or "pairs"."""
        self._peer.spin_until(lambda: self.diagnostics, "a report on /diagnostics")
        for status in self.diagnostics[-1].status:
            if status.name.endswith(f": {part}"):
                return status
        raise AssertionError(f"/diagnostics has no status {part!r}")

    def wait_for(self, part: str, condition: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """Wait until the values of a status fulfil a condition and return them."""
        try:
            self._peer.spin_until(lambda: condition(self.values(part)), f"the values of {part}")
        except AssertionError as error:
            raise AssertionError(f"{error}; they are {self.values(part)}") from None
        return self.values(part)

    def wait_for_value(self, part: str, key: str, least: int) -> dict[str, str]:
        """Wait until a counter has reached a value and return the values of its status."""
        return self.wait_for(part, lambda values: int(values[key]) >= least)


@pytest.fixture
def make_derained(peer: Peer) -> Callable[[str], DerainedOutput]:
    """Listen to the outputs under a namespace."""
    return lambda namespace: DerainedOutput(peer, namespace)


@pytest.fixture
def derained(peer: Peer) -> DerainedOutput:
    """Listen to the outputs where the node puts them by default."""
    return DerainedOutput(peer, "/derained")
