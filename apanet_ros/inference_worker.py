"""The one thread that converts, derains and publishes; it always takes the newest pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from apanet_core.errors import ImageError
from apanet_core.streaming.budget import LatencyBudget, Verdict
from apanet_core.streaming.mailbox import Mailbox
from apanet_core.streaming.statistics import Outcome, Stage, StreamStatistics
from apanet_ros.image_conversion import read_rgb, write_rgb
from apanet_ros.stereo_input import StereoPair

ByteImage = NDArray[np.uint8]

PROBE = "probes"
PUBLISHED_LATE = "published_late"
WITHOUT_CAMERA_INFO = "without_camera_info"


class Derainer(Protocol):
    """What the worker asks of `apanet_core.runtime.derainer.StereoDerainer`."""

    def derain(self, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]: ...

    def warm_up(self, height: int, width: int) -> float: ...


@dataclass(frozen=True)
class WorkerOptions:
    """How pairs go out: "same" or an encoding, and whether late ones are dropped."""

    output_encoding: str
    drop_late: bool


class InferenceWorker:
    """Derains pairs one at a time, within the budget, in a thread of its own.

    Args:
        derainer: the network.
        budget: decides what still fits.
        statistics: counts every pair that is submitted, once by how it leaves.
        options: how pairs go out.
        age: seconds since the pair's stamp, or receipt.
        publish: sends a pair's left and right out; says whether both camera_infos went along.
        announce: takes a sentence for the log.
        warn: takes a sentence about something wrong for the log.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        derainer: Derainer,
        budget: LatencyBudget,
        statistics: StreamStatistics,
        options: WorkerOptions,
        *,
        age: Callable[[StereoPair], float],
        publish: Callable[[StereoPair, Image, Image], bool],
        announce: Callable[[str], None],
        warn: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._derainer = derainer
        self._budget = budget
        self._statistics = statistics
        self._options = options
        self._age = age
        self._publish = publish
        self._announce = announce
        self._warn = warn
        self._clock = clock
        self._warm_sizes: set[tuple[int, int]] = set()
        self._mailbox = Mailbox[StereoPair]()
        self._thread = Thread(target=self._run, name="inference")
        self.last_problem = ""

    def start(self) -> None:
        """Begin to work on what is submitted."""
        self._thread.start()

    def submit(self, pair: StereoPair) -> None:
        """Hand a pair over; it replaces one that still waits. Returns at once."""
        self._statistics.enter()
        if self._mailbox.put(pair) is not None:
            self._statistics.leave(Outcome.REPLACED)

    def stop(self) -> None:
        """Finish the pair in work, let go of the one that waits, and end the thread."""
        if self._mailbox.close() is not None:
            self._statistics.leave(Outcome.REPLACED)
        self._thread.join()

    def _run(self) -> None:
        while (pair := self._mailbox.take()) is not None:
            self.process(pair)

    def process(self, pair: StereoPair) -> None:
        """Take one pair through; whatever is wrong with it is counted and reported, not raised."""
        self._statistics.record(Stage.WAIT, self._clock() - _completed(pair))
        try:
            outcome = self._handle(pair)
        except ImageError as error:
            outcome = self._problem(Outcome.REJECTED, f"Pair rejected: {error}")
        except Exception as error:  # the network or the middleware, which must not end the node
            name = type(error).__name__
            outcome = self._problem(Outcome.FAILED, f"Deraining failed: {name}: {error}")
        self._statistics.leave(outcome)

    def _problem(self, outcome: Outcome, sentence: str) -> Outcome:
        self.last_problem = sentence
        self._warn(sentence)
        return outcome

    def _handle(self, pair: StereoPair) -> Outcome:
        with self._statistics.timed(Stage.READ):
            left, right = _read_pair(pair)
        self._warm_up(*left.shape[:2])
        age = self._age(pair)
        self._statistics.record(Stage.ARRIVAL, age)
        verdict = self._budget.judge(age)
        if verdict is Verdict.DERAIN:
            return self._derain(pair, left, right)
        outcome = self._leave_rainy(pair, left, right)
        if verdict is Verdict.PROBE:
            self._probe(left, right)
        return outcome

    def _warm_up(self, height: int, width: int) -> None:
        """Run the first frames of a new size, which are slow, outside of the prediction."""
        if (height, width) in self._warm_sizes:
            return
        seconds = self._derainer.warm_up(height, width)
        self._warm_sizes.add((height, width))
        self._budget.renew(seconds)
        self._announce(f"Warm at {width} x {height}: {1000 * seconds:.1f} ms a pair.")

    def _derain(self, pair: StereoPair, left: ByteImage, right: ByteImage) -> Outcome:
        start = self._clock()
        with self._statistics.timed(Stage.INFER):
            left, right = self._derainer.derain(left, right)
        with self._statistics.timed(Stage.WRITE):
            images = self._write(pair, left, right)
        late = self._options.drop_late and self._budget.exceeded_by(self._age(pair))
        if not late:
            self._send(pair, *images)
        self._budget.record(self._clock() - start)
        return Outcome.LATE if late else Outcome.DERAINED

    def _leave_rainy(self, pair: StereoPair, left: ByteImage, right: ByteImage) -> Outcome:
        if self._options.drop_late:
            return Outcome.LATE
        images = pair.left.message, pair.right.message
        if self._options.output_encoding != "same":
            images = self._write(pair, left, right)
        self._send(pair, *images)
        return Outcome.PASSED_THROUGH

    def _probe(self, left: ByteImage, right: ByteImage) -> None:
        start = self._clock()
        self._derainer.derain(left, right)
        self._budget.renew(self._clock() - start)
        self._statistics.note(PROBE)

    def _write(self, pair: StereoPair, left: ByteImage, right: ByteImage) -> tuple[Image, Image]:
        encoding = self._options.output_encoding
        return (
            write_rgb(left, encoding, pair.left.message),
            write_rgb(right, encoding, pair.right.message),
        )

    def _send(self, pair: StereoPair, left: Image, right: Image) -> None:
        with self._statistics.timed(Stage.PUBLISH):
            complete = self._publish(pair, left, right)
        if not complete:
            self._statistics.note(WITHOUT_CAMERA_INFO)
        age = self._age(pair)
        self._statistics.record(Stage.AGE, age)
        if self._budget.exceeded_by(age):
            self._statistics.note(PUBLISHED_LATE)


def _read_pair(pair: StereoPair) -> tuple[ByteImage, ByteImage]:
    left, right = _read("left", pair.left.message), _read("right", pair.right.message)
    if left.shape != right.shape:
        raise ImageError(
            f"Left is {left.shape[1]} x {left.shape[0]}, right {right.shape[1]} x "
            f"{right.shape[0]}: both must have one size, so rectify them alike."
        )
    return left, right


def _read(side: str, image: Image) -> ByteImage:
    try:
        return read_rgb(image)
    except ImageError as error:
        raise ImageError(f"{side} image: {error}") from error


def _completed(pair: StereoPair) -> float:
    """When the second of the two images came."""
    return max(pair.left.received, pair.right.received)
