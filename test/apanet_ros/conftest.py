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
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from sensor_msgs.msg import Image

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
START = 1_700_000_000 * SECOND
"""Stamp of the first pair, nanoseconds."""
STEP = SECOND // 10
"""From pair to pair."""

PATIENCE = 180.0
"""Seconds anything may take on a busy machine before a test calls it lost."""

ASKED_AGAIN_AFTER = 20.0
"""Seconds without an answer after which a service is asked once more."""

TIME_TO_LEAVE = 15.0
"""Seconds a process gets to end by itself after its test, before it is killed."""

# Ports of higher domains lie among those the kernel lends to anybody.
_DOMAINS = range(1, 102)

# A process that a test killed leaves ports in shared memory behind, and on these whoever comes next
# may never find the others: so no domain is taken again soon.
_domains = itertools.cycle(
    _DOMAINS[(os.getpid() + i) % len(_DOMAINS)] for i in range(len(_DOMAINS))
)


@contextmanager
def claimed_domain() -> Iterator[int]:
    """Claim a ROS domain that no other test of this machine is on."""
    for domain in itertools.islice(_domains, len(_DOMAINS)):
        path = Path(tempfile.gettempdir(), f"apanet_ros_domain_{domain}.lock")
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield domain
            return
    pytest.fail("Every ROS domain is taken by another test.")


def environment_on(domain: int) -> dict[str, str]:
    """The environment of a process on a domain, which stays on this machine."""
    return os.environ | {
        "ROS_DOMAIN_ID": str(domain),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "RCUTILS_COLORIZED_OUTPUT": "0",
        "PYTHONUNBUFFERED": "1",
        # More threads than that only get in each other's way where many tests run at once.
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def ros_domain() -> Iterator[int]:
    """A ROS domain of the test's own."""
    with claimed_domain() as domain:
        yield domain


@pytest.fixture
def ros_environment(ros_domain: int) -> dict[str, str]:
    """The environment of a process on the test's own domain."""
    return environment_on(ros_domain)


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

    @property
    def open_files(self) -> set[Path]:
        """The files that the process has open."""
        descriptors = Path(f"/proc/{self._process.pid}/fd").iterdir()
        return {each.readlink() for each in descriptors if each.is_symlink()}

    @property
    def threads(self) -> int:
        """How many threads the process has."""
        return len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))

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

    def leave(self) -> None:
        """Wait for the end of a process that was told to; kill it if that does not come."""
        try:
            self._process.wait(TIME_TO_LEAVE)
        except subprocess.TimeoutExpired:
            self.kill()


StartProcess = Callable[..., Process]


@contextmanager
def process_starter(environment: dict[str, str], folder: Path) -> Iterator[StartProcess]:
    """Start this Python with arguments; every process ends with the block."""
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        log = folder / f"process_{len(processes)}.log"
        process = Process([sys.executable, *arguments], environment, log)
        processes.append(process)
        return process

    try:
        yield start
    finally:
        # Ending by themselves, they free their shared memory.
        for process in processes:
            if process.running:
                process.send_signal(signal.SIGINT)
        for process in processes:
            process.leave()


def node_arguments(
    *arguments: str, namespace: str = "/", model: Path, **parameters: Any
) -> list[str]:
    """The command line of the derain node with a model, ROS arguments and parameters."""
    values = {"model": model, "device": "cpu"} | parameters
    given = [part for name in values for part in ("-p", f"{name}:={values[name]}")]
    given += ["-r", f"__ns:={namespace}", *arguments]
    return ["-m", "apanet_ros.derain_node", "--ros-args", *given]


@pytest.fixture
def start_process(ros_environment: dict[str, str], tmp_path: Path) -> Iterator[StartProcess]:
    """Start this Python with arguments, on the test's domain; it ends with the test."""
    with process_starter(ros_environment, tmp_path) as start:
        yield start


@pytest.fixture
def start_node(start_process: StartProcess, small_model: Path) -> StartProcess:
    """Start the derain node with the small model, further ROS arguments and parameters."""

    def start(*arguments: str, **parameters: Any) -> Process:
        node = start_process(*node_arguments(*arguments, **{"model": small_model} | parameters))
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

    def send_until(
        self, send: Callable[[int], Any], done: Callable[[], Any], start: int = START
    ) -> int:
        """Send every 0.1 s, each time under its own stamp, until something holds.

        Args:
            send: publishes under the stamp it is given, nanoseconds.
            done: what is sent for.
            start: the first stamp.

        Returns:
            The stamp after the last one.
        """
        stamps = itertools.count(start, STEP)

        def send_and_look() -> Any:
            send(next(stamps))
            self.spin_for(0.1)
            return done()

        self.spin_until(send_and_look, "what was sent for")
        return next(stamps)

    def answer(self, ask: Callable[[], Any], what: str) -> Any:
        """Ask a service until it answers, and return that.

        While client and server still discover each other, Fast DDS may lose a request.

        Args:
            ask: sends the request and returns its future.
            what: is waited for, in words.
        """
        futures: list[Any] = []
        asked = -ASKED_AGAIN_AFTER

        def answered() -> Any:
            nonlocal asked
            if time.monotonic() - asked > ASKED_AGAIN_AFTER:
                asked = time.monotonic()
                futures.append(ask())
            return next((future for future in futures if future.done()), None)

        return self.spin_until(answered, what).result()

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
        self._kinds = {"image_rect": (Image, qos), "camera_info": (CameraInfo, qos)}
        self._publishers: dict[tuple[str, str], Any] = {}
        for side in ("left", "right"):
            self.open(side)

    def open(self, side: str) -> None:
        """Let a camera come up."""
        for name, (kind, qos) in self._kinds.items():
            topic = f"/{side}/{name}"
            self._publishers[side, name] = self._peer.node.create_publisher(kind, topic, qos)

    def close(self, side: str) -> None:
        """Let a camera die."""
        for name in self._kinds:
            self._peer.node.destroy_publisher(self._publishers.pop((side, name)))

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

    def send_info(self, side: str, stamp: int, **fields: Any) -> None:
        """Publish a camera_info, which without a width carries its stamp's milliseconds as one."""
        from sensor_msgs.msg import CameraInfo

        info = CameraInfo(**{"width": stamp // 1_000_000 % 1_000_000} | fields)
        info.header.stamp.sec, info.header.stamp.nanosec = divmod(stamp, 1_000_000_000)
        info.header.frame_id = "left_optical"  # of both cameras, as P of both is given in it
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


NAMES = "/stereo/left/image_rect", "/stereo/right/image_rect"
FOCAL_PX = 497.5
BASELINE_M = 0.193


@lru_cache(maxsize=1)
def small_motorcycle() -> tuple[Any, Any]:
    """The Middlebury motorcycle at half its size: uint8 RGB `[250,354,3]`."""
    import cv2
    from skimage import data

    left, right, _ = data.stereo_motorcycle()
    return tuple(
        cv2.resize(view, (354, 250), interpolation=cv2.INTER_AREA)
        for view in (left[:, :710], right[:, 31:])
    )


@dataclass
class Recording:
    """What to record.

    Attributes:
        pictures: left and right, uint8 RGB.
        names: image topics; camera_infos lie beside them.
        count: images of each camera.
        stamps: of left and right image by number, nanoseconds.
        times: when they were recorded; None at their stamps.
        encoding: of raw images.
        compressed: file format, "png" or "jpeg", or "h264", which nobody here reads; empty for raw
            images.
        damaged: numbers of right images that are cut off.
        camera_infos: whether there are any.
        infos: changes left and right camera_info before they are written.
        info_type: of the camera_info topics.
    """

    pictures: tuple[Any, Any] = field(default_factory=small_motorcycle)
    names: tuple[str, str] = NAMES
    count: int = 6
    stamps: tuple[Callable[[int], int], ...] = (lambda n: START + n * STEP,) * 2
    times: tuple[Callable[[int], int], ...] | None = None
    counts: tuple[int, int] | None = None
    encoding: str = "rgb8"
    compressed: str = ""
    damaged: frozenset[int] = frozenset()
    camera_infos: bool = True
    infos: Callable[[Any, Any], None] = lambda _left, _right: None
    info_type: str = "sensor_msgs/msg/CameraInfo"

    def write(self, path: Path, storage: str = "mcap") -> Path:
        """Write it as a bag and return its path."""
        from apanet_ros.bags.stereo_bag import IMAGE_TYPE
        from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
        from apanet_ros.bags.writer import BagWriter

        kind = COMPRESSED_TYPE if self.compressed else IMAGE_TYPE
        with BagWriter(path, storage) as bag:
            for name in self.names:
                bag.add_topic(name, kind)
                if self.camera_infos:
                    bag.add_topic(_info_name(name), self.info_type)
            for time_ns, topic, serialized in sorted(self._messages()):
                bag.write(topic, time_ns, serialized)
        return path

    def _messages(self) -> list[tuple[int, str, bytes]]:
        from rclpy.serialization import serialize_message

        messages = []
        infos = self._camera_infos()
        counts = self.counts or (self.count, self.count)
        for side, name in enumerate(self.names):
            for number in range(counts[side]):
                stamp = self.stamps[side](number)
                time_ns = self.times[side](number) if self.times else stamp
                image = bytes(serialize_message(self._image(side, stamp)))
                if side == 1 and number in self.damaged:
                    image = image[: len(image) // 2]
                messages.append((time_ns, name, image))
                if self.camera_infos:
                    info = infos[side]
                    info.header = self._header(stamp)
                    messages.append((time_ns, _info_name(name), bytes(serialize_message(info))))
        return messages

    def _image(self, side: int, stamp: int) -> Any:
        from sensor_msgs.msg import CompressedImage, Image

        from apanet_ros.image_conversion import write_compressed, write_rgb

        like = Image(header=self._header(stamp), encoding="bgr8")
        if self.compressed == "h264":
            return CompressedImage(header=like.header, format="h264", data=bytes(range(200)))
        if self.compressed:
            return write_compressed(self.pictures[side], "same", like, self.compressed, 95)
        if self.encoding in ("rgb8", "bgr8", "mono8"):
            like.encoding = self.encoding
            return write_rgb(self.pictures[side], "same", like)
        image = write_rgb(self.pictures[side], "same", like)
        image.encoding = self.encoding
        return image

    def _header(self, stamp: int) -> Any:
        from std_msgs.msg import Header

        header = Header(frame_id="camera")
        header.stamp.sec, header.stamp.nanosec = divmod(stamp, 1_000_000_000)
        return header

    def _camera_infos(self) -> tuple[Any, Any]:
        from sensor_msgs.msg import CameraInfo

        height, width = self.pictures[0].shape[:2]
        infos = []
        for shift in (0.0, -FOCAL_PX * BASELINE_M):
            k = np.array([[FOCAL_PX, 0, width / 2], [0, FOCAL_PX, height / 2], [0, 0, 1.0]])
            p = np.hstack([k, [[shift], [0], [0]]])
            infos.append(
                CameraInfo(
                    width=width,
                    height=height,
                    distortion_model="plumb_bob",
                    d=[0.0] * 5,
                    k=k.ravel(),
                    r=np.eye(3).ravel(),
                    p=p.ravel(),
                )
            )
        self.infos(*infos)
        return infos[0], infos[1]


def _info_name(name: str) -> str:
    return f"{name.removesuffix('/compressed').rpartition('/')[0]}/camera_info"


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Write `tmp_path/NAME`, a bag of `Recording(**options)`, and return its path."""
    pytest.importorskip("rclpy")
    pytest.importorskip("rosbags")
    pytest.importorskip("skimage")

    def write(name: str = "bag", storage: str = "mcap", **options: Any) -> Path:
        return Recording(**options).write(tmp_path / name, storage)

    return write


VIEWED_NODE = "/stereo/derain_node"


def plain_picture(number: int, side: int) -> Any:
    """A picture like no other: uint8 RGB `[48,64,3]`, even enough for JPEG to keep."""
    image = np.full((48, 64, 3), (40 + 10 * number + 5 * side) % 256, np.uint8)
    image[:, :8] = 200
    return image


@pytest.fixture
def record_views(tmp_path: Path, image_bytes: Callable[..., bytes]) -> Callable[..., Path]:
    """Write a bag of rainy images, of derained ones (255 minus rainy), or of both.

    Derained ones are recorded `lag` later, 40 ms. With `node` there are its diagnostics and times.
    """
    from apanet_ros.bags.stereo_bag import IMAGE_TYPE
    from apanet_ros.bags.writer import BagWriter

    def write(
        name: str,
        rainy: str = "/stereo/{}/image_rect",
        derained: str = "/stereo/derained/{}/image_rect",
        count: int = 5,
        node: bool = False,
        storage: str = "mcap",
        damaged: frozenset[int] = frozenset(),
        half: bool = False,
        lag: int = 4 * STEP // 10,
    ) -> Path:
        messages = []
        for number in range(count):
            stamp = START + number * STEP
            for side, view in enumerate(("left", "right")):
                shown = plain_picture(number, side)
                if rainy:
                    messages.append((stamp, rainy.format(view), image_bytes(shown, stamp)))
                if derained:
                    out = (255 - shown)[:: 2 if half else 1, :: 2 if half else 1]
                    data = image_bytes(np.ascontiguousarray(out), stamp)
                    data = data[:60] if number in damaged else data
                    messages.append((stamp + lag, derained.format(view), data))
        with BagWriter(tmp_path / name, storage) as bag:
            for topic in sorted({topic for _, topic, _ in messages}):
                bag.add_topic(topic, IMAGE_TYPE)
            if node:
                add_node_topics(bag)
            for time_ns, topic, data in sorted(messages):
                bag.write(topic, time_ns, data)
            for number in range(count if node else 0):
                write_node_messages(bag, number)
        return tmp_path / name

    return write


@pytest.fixture
def image_bytes() -> Callable[..., bytes]:
    """Serialise pixels as a raw image of a stamp."""
    pytest.importorskip("rclpy")
    from rclpy.serialization import serialize_message
    from sensor_msgs.msg import Image

    from apanet_ros.image_conversion import write_rgb

    def write(pixels: Any, stamp: int) -> bytes:
        like = Image(encoding="rgb8")
        like.header.frame_id = "camera"
        like.header.stamp.sec, like.header.stamp.nanosec = divmod(stamp, 1_000_000_000)
        return bytes(serialize_message(write_rgb(pixels, "same", like)))

    return write


def add_node_topics(bag: Any) -> None:
    bag.add_topic("/diagnostics", "diagnostic_msgs/msg/DiagnosticArray")
    bag.add_topic(f"{VIEWED_NODE}/latency", "std_msgs/msg/Float64MultiArray")


def write_node_messages(bag: Any, number: int) -> None:
    """What the node itself would publish: its own message, and a report on its pairs."""
    from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
    from rclpy.serialization import serialize_message

    from apanet_core.streaming.statistics import Stage
    from apanet_ros.latency_topic import latency_message

    time_ns = START + number * STEP + 50_000_000
    times = {Stage.INFER: 0.02 + 0.001 * number, Stage.AGE: 0.03}
    latency = bytes(serialize_message(latency_message(times)))
    bag.write(f"{VIEWED_NODE}/latency", time_ns, latency)
    values = [KeyValue(key="derained", value=str(number)), KeyValue(key="late", value="0")]
    status = DiagnosticStatus(name=f"{VIEWED_NODE}: pairs", values=values)
    report = bytes(serialize_message(DiagnosticArray(status=[status])))
    bag.write("/diagnostics", time_ns, report)


class Robot:
    """A node in its own process, two cameras and a subscriber, on a domain of their own.

    Args:
        peer: the node of this process.
        start_process: starts a process on the domain.
        arguments: the node's command line.
        info: fields of the camera_infos that go with good pairs.
    """

    def __init__(
        self,
        peer: Peer,
        start_process: StartProcess,
        arguments: list[str],
        info: Mapping[str, Any],
    ) -> None:
        import numpy as np

        self.peer = peer
        self.cameras = CameraPair(peer)
        self.derained = DerainedOutput(peer, "/derained")
        self.views = dict(
            zip(
                ("left", "right"),
                np.random.default_rng(5).integers(0, 256, (2, 48, 64, 3), np.uint8),
                strict=True,
            )
        )
        self.start_process = start_process
        self._arguments, self._info = arguments, info
        self._stamp = START
        self.start()

    def start(self) -> None:
        """Start the node, and wait until pairs come out of it derained."""
        self.node = self.start_process(*self._arguments)
        self.node.wait_for("Ready")
        self.cameras.connect()
        self.peer.spin_until(lambda: self.comes_out(), "a first pair", patience=60)

    def seek(self, stamp: int) -> None:
        """Let stamps go on from another time."""
        self._stamp = stamp

    def next_stamp(self) -> int:
        """The stamp of the next pair: 0.1 s after the last."""
        self._stamp += STEP
        return self._stamp

    def send_pair(self, stamp: int | None = None, **fields: Any) -> int:
        """Send a good pair with its camera_infos, or one of whose images fields differ."""
        at = self.next_stamp() if stamp is None else stamp
        for side, view in self.views.items():
            self.cameras.send_info(side, at, **self._info)
            image = image_message(view, at, "rgb8", f"{side}_optical")
            for name, value in fields.items():
                setattr(image, name, value)
            self.cameras.send_image(side, image)
        return at

    def comes_out(self, seconds: float = 1.0) -> bool:
        """Send a good pair; whether both of its images come out soon."""
        at = self.send_pair()
        outputs = (self.derained.left, self.derained.right)
        deadline = time.monotonic() + seconds
        while not (out := all(stamped(images, at) for images in outputs)):
            if time.monotonic() > deadline:
                return False
            self.peer.spin_for(0.02)
        return out

    def is_derained(self) -> bool:
        """Whether the last image that came out is another than went in."""
        return bool(bytes(self.derained.left[-1].data) != self.views["left"].tobytes())

    def counters(self) -> dict[str, int]:
        """All counters of "input" and "pairs" in a report to come when no pair is in flight."""
        self.derained.diagnostics.clear()
        self.derained.wait_for("pairs", lambda values: values["in_flight"] == "0")
        values = self.derained.values("input") | self.derained.values("pairs")
        return {key: int(value) for key, value in values.items() if value.isdigit()}


def stamped(images: list[Image], stamp: int) -> bool:
    """Whether one of the images carries a stamp in nanoseconds, the latest looked at first."""
    return any(
        image.header.stamp.sec * SECOND + image.header.stamp.nanosec == stamp
        for image in reversed(images)
    )


@pytest.fixture(scope="session")
def open_robot(
    small_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Robot]]:
    """Make robots that several tests may share, each with parameters of its node's own."""
    pytest.importorskip("rclpy")

    @contextmanager
    def open_robot(info: Mapping[str, Any] | None = None, **parameters: Any) -> Iterator[Robot]:
        arguments = node_arguments(**{"model": small_model} | parameters)
        folder = tmp_path_factory.mktemp("robot")
        with (
            pytest.MonkeyPatch.context() as monkeypatch,
            claimed_domain() as domain,
            process_starter(environment_on(domain), folder) as start,
        ):
            monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
            peer = Peer(domain)
            try:
                yield Robot(peer, start, arguments, info or {})
            finally:
                peer.close()

    return open_robot
