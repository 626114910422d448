"""The worker on real messages, with a network of arithmetic and a clock turned by hand."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import Image

from apanet_core.imaging.types import ByteImage
from apanet_core.streaming.budget import LatencyBudget
from apanet_core.streaming.statistics import Outcome, Stage, StreamStatistics
from apanet_ros.inference_worker import InferenceWorker, WorkerOptions
from apanet_ros.stereo_input import ReceivedImage, StereoPair


class Inverter:
    """A network that inverts its input and takes as long as it is told to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.05
        self.warmed: list[tuple[int, int]] = []
        self.error: Exception | None = None

    def derain(self, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
        self._clock.now += self.seconds
        if self.error is not None:
            raise self.error
        return 255 - left, 255 - right

    def warm_up(self, height: int, width: int) -> float:
        self.warmed.append((height, width))
        return self.seconds


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A worker and everything that comes out of it. Ages count from receipt."""

    def __init__(
        self, budget: float = 0.0, output_encoding: str = "same", drop_late: bool = False
    ) -> None:
        self.clock = Clock()
        self.network = Inverter(self.clock)
        self.budget = LatencyBudget(budget, self.clock)
        self.statistics = StreamStatistics(self.clock)
        self.published: list[tuple[Image, Image]] = []
        self.announced: list[str] = []
        self.warned: list[str] = []
        self.complete = True
        self.worker = InferenceWorker(
            self.network,
            self.budget,
            self.statistics,
            WorkerOptions(output_encoding, drop_late),
            age=lambda pair: self.clock() - pair.left.received,
            publish=self._publish,
            announce=self.announced.append,
            warn=self.warned.append,
            clock=self.clock,
        )

    def _publish(self, _: StereoPair, left: Image, right: Image) -> bool:
        self.published.append((left, right))
        return self.complete

    def process(self, pair: StereoPair) -> None:
        """Take one pair through, here and now."""
        self.statistics.enter()
        self.worker.process(pair)

    def pair(self, value: int = 10, age: float = 0.0, **fields: Any) -> StereoPair:
        received = self.clock() - age
        left, right = gray(value), gray(value + 1)
        for name, change in fields.items():
            setattr(right, name, change)
        return StereoPair(ReceivedImage(left, received), ReceivedImage(right, received), 0, 0)

    @property
    def outcomes(self) -> dict[Outcome, int]:
        return {key: value for key, value in self.statistics.snapshot().outcomes.items() if value}

    @property
    def notes(self) -> dict[str, int]:
        return dict(self.statistics.snapshot().notes)


def gray(value: int, height: int = 4, width: int = 6) -> Image:
    image = Image(height=height, width=width, encoding="mono8", step=width)
    image.data.frombytes(bytes([value] * (height * width)))
    return image


def pixel(image: Image) -> int:
    return int(image.data[0])


def test_a_pair_is_derained_in_its_own_encoding() -> None:
    bench = Bench()
    bench.process(bench.pair(10))
    ((left, right),) = bench.published
    assert (pixel(left), pixel(right)) == (245, 244)
    assert left.encoding == "mono8"
    assert bench.outcomes == {Outcome.DERAINED: 1}


def test_each_stage_is_timed() -> None:
    bench = Bench()
    bench.process(bench.pair(age=0.2))
    times = bench.statistics.snapshot().times
    assert times[Stage.WAIT].p50 == pytest.approx(0.2)
    assert times[Stage.ARRIVAL].p50 == pytest.approx(0.2)
    assert times[Stage.INFER].p50 == pytest.approx(0.05)
    assert times[Stage.AGE].p50 == pytest.approx(0.25)


def test_the_first_frame_of_a_size_warms_up_and_is_announced() -> None:
    bench = Bench(budget=1.0)
    bench.process(bench.pair())
    bench.process(bench.pair())
    assert bench.network.warmed == [(4, 6)]
    assert bench.announced == ["Warm at 6 x 4: 50.0 ms a pair."]
    assert bench.budget.predicted == pytest.approx(0.05)


def test_over_budget_the_raw_pair_goes_out() -> None:
    bench = Bench(budget=0.1)
    bench.process(bench.pair(10, age=0.06))
    ((left, right),) = bench.published
    assert (pixel(left), pixel(right)) == (10, 11)
    assert bench.outcomes == {Outcome.PASSED_THROUGH: 1}


def test_over_budget_the_raw_pair_goes_out_in_the_chosen_encoding() -> None:
    bench = Bench(budget=0.1, output_encoding="bgr8")
    bench.process(bench.pair(10, age=0.06))
    ((left, _),) = bench.published
    assert (left.encoding, pixel(left)) == ("bgr8", 10)


def test_over_budget_nothing_goes_out_when_late_pairs_are_dropped() -> None:
    bench = Bench(budget=0.1, drop_late=True)
    bench.process(bench.pair(age=0.06))
    assert bench.published == []
    assert bench.outcomes == {Outcome.LATE: 1}


def test_a_result_that_came_too_late_is_published_and_noted_or_dropped() -> None:
    for drop_late, outcome, published in ((False, Outcome.DERAINED, 1), (True, Outcome.LATE, 0)):
        bench = Bench(budget=0.1, drop_late=drop_late)
        bench.process(bench.pair())
        bench.network.seconds = 0.3
        bench.process(bench.pair())
        assert bench.outcomes[outcome] == (2 if outcome is Outcome.DERAINED else 1)
        assert len(bench.published) == 1 + published
        assert bench.notes.get("published_late", 0) == published


def test_after_a_slow_spell_a_probe_brings_deraining_back() -> None:
    bench = Bench(budget=0.1)
    bench.process(bench.pair())
    bench.network.seconds = 0.5
    bench.process(bench.pair())
    bench.network.seconds = 0.05
    for _ in range(40):
        bench.clock.now += 0.1
        bench.process(bench.pair(10))
    assert bench.notes["probes"] == 1
    assert pixel(bench.published[-1][0]) == 245
    assert bench.outcomes[Outcome.PASSED_THROUGH] == 25
    assert bench.outcomes[Outcome.DERAINED] == 2 + 15


def test_a_probe_publishes_the_raw_pair_first_and_only_that() -> None:
    bench = Bench(budget=0.1)
    bench.network.seconds = 0.2
    bench.process(bench.pair())
    bench.clock.now += 1.5
    before = bench.clock.now
    bench.process(bench.pair(10))
    assert [pixel(left) for left, _ in bench.published] == [10, 10]
    assert bench.clock.now == pytest.approx(before + 0.2)
    assert bench.notes == {"probes": 1}


def test_a_bad_image_is_rejected_with_its_reason() -> None:
    bench = Bench()
    bench.process(bench.pair(encoding="mono0"))
    assert bench.outcomes == {Outcome.REJECTED: 1}
    (sentence,) = bench.warned
    assert sentence.startswith("Pair rejected: right image: The encoding 'mono0' is not supported")
    bench.process(bench.pair())
    assert bench.outcomes == {Outcome.REJECTED: 1, Outcome.DERAINED: 1}


def test_views_of_two_sizes_are_rejected() -> None:
    bench = Bench()
    pair = bench.pair()
    wide = ReceivedImage(gray(1, width=8), pair.right.received)
    bench.process(StereoPair(pair.left, wide, 0, 0))
    assert bench.outcomes == {Outcome.REJECTED: 1}
    assert "Left is 6 x 4, right 8 x 4: both must have one size" in bench.worker.last_problem


@pytest.mark.parametrize("error", [RuntimeError("no memory"), ValueError("shape"), MemoryError()])
def test_a_network_that_raises_is_counted_and_survived(error: Exception) -> None:
    bench = Bench()
    bench.network.error = error
    bench.process(bench.pair())
    assert bench.outcomes == {Outcome.FAILED: 1}
    assert bench.warned == [f"Deraining failed: {type(error).__name__}: {error}"]
    bench.network.error = None
    bench.process(bench.pair())
    assert bench.outcomes == {Outcome.FAILED: 1, Outcome.DERAINED: 1}


def test_a_missing_camera_info_is_noted() -> None:
    bench = Bench()
    bench.complete = False
    bench.process(bench.pair())
    assert bench.notes == {"without_camera_info": 1}


def test_the_thread_takes_the_newest_and_counts_the_replaced() -> None:
    bench = Bench()
    busy, go_on = Event(), Event()
    bench.network.derain = blocking(bench.network.derain, busy, go_on)  # type: ignore[method-assign]
    bench.worker.start()
    bench.worker.submit(bench.pair(10))
    assert busy.wait(10)
    for value in (20, 30, 40):
        bench.worker.submit(bench.pair(value))
    go_on.set()
    busy.clear()
    assert busy.wait(10)
    bench.worker.stop()
    assert [pixel(left) for left, _ in bench.published] == [245, 215]
    assert bench.outcomes == {Outcome.DERAINED: 2, Outcome.REPLACED: 2}
    assert bench.statistics.snapshot().in_flight == 0


def test_stopping_finishes_the_pair_in_work_and_lets_go_of_the_other() -> None:
    bench = Bench()
    busy, go_on = Event(), Event()
    bench.network.derain = blocking(bench.network.derain, busy, go_on)  # type: ignore[method-assign]
    bench.worker.start()
    bench.worker.submit(bench.pair(10))
    assert busy.wait(10)
    bench.worker.submit(bench.pair(20))
    go_on.set()
    bench.worker.stop()
    bench.worker.submit(bench.pair(30))
    now = bench.statistics.snapshot()
    assert (now.entered, now.in_flight) == (3, 0)
    assert np.isin([pixel(left) for left, _ in bench.published], [245, 235]).all()


def blocking(derain: Callable[..., Any], busy: Event, go_on: Event) -> Callable[..., Any]:
    """The same, but it says when it began and waits to be let go on."""

    def wait_and_derain(left: ByteImage, right: ByteImage) -> Any:
        busy.set()
        assert go_on.wait(10)
        return derain(left, right)

    return wait_and_derain
