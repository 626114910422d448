from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apanet_core.evaluation.derain import Views
from apanet_core.imaging.files import write_rgb
from apanet_core.imaging.types import ByteImage
from apanet_core.recordings.videos import VideoProperties, VideoWriter


class Inverter:
    """Stands in for a network: exact, fast, and stops where it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.stop_after: int | None = None

    def __call__(self, left: ByteImage, right: ByteImage) -> Views:
        if self.calls == self.stop_after:
            raise KeyboardInterrupt
        self.calls += 1
        return 255 - left, 255 - right


@pytest.fixture
def inverter() -> Inverter:
    return Inverter()


def frames(count: int, seed: int = 0) -> list[ByteImage]:
    return list(np.random.default_rng(seed).integers(0, 256, (count, 24, 32, 3), np.uint8))


@pytest.fixture
def make_drive(tmp_path) -> Callable[[str, int], Path]:
    """Write so many pairs of noise into `tmp_path/name/{left,right}`."""

    def make(name: str, count: int) -> Path:
        for seed, view in enumerate(("left", "right")):
            (tmp_path / name / view).mkdir(parents=True)
            for number, frame in enumerate(frames(count, seed)):
                write_rgb(tmp_path / name / view / f"{number:03}.png", frame)
        return tmp_path / name

    return make


@pytest.fixture
def make_video(tmp_path) -> Callable[..., Path]:
    """Write so many frames of noise as `tmp_path/name`, at times in seconds; `.mkv` is exact."""

    def make(
        name: str, count: int, seed: int = 0, times: Sequence[float] = (), **properties: Any
    ) -> Path:
        tick = {"tick": Fraction(1, 1000)} if times else {}
        with VideoWriter(
            tmp_path / name, VideoProperties(Fraction(25, 2), **tick, **properties)
        ) as writer:
            for number, frame in enumerate(frames(count, seed)):
                writer.write(frame, Fraction(str(times[number])) if times else None)
        return tmp_path / name

    return make


@pytest.fixture
def files_of_at_most() -> Callable[[int], AbstractContextManager[None]]:
    """Let the system refuse to write more bytes into any file, as a full disk does."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
