"""Videos as other programs write them: by PyAV itself, not by what is tested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apanet_core.imaging.types import ByteImage


@pytest.fixture
def numbered() -> Callable[..., list[ByteImage]]:
    """Make frames that say which they are: on grey, in each half, a bar that moves by 8 px."""

    def make(count: int, height: int = 48, width: int = 128, first: int = 0) -> list[ByteImage]:
        frames = []
        for number in range(first, first + count):
            frame = np.full((height, width, 3), 128, np.uint8)
            for half in (0, width // 2):
                column = half + 8 * (number % 7)
                frame[:, column : column + 8] = 250
            frames.append(frame)
        return frames

    return make


@pytest.fixture
def number_of() -> Callable[[ByteImage], int]:
    """Return which frame of `numbered` one is, modulo 7, by its left half."""
    return lambda frame: int(frame[20, :56, 1].reshape(7, 8).astype(int).mean(1).argmax())


@pytest.fixture
def encode(tmp_path) -> Callable[..., Path]:
    """Write pictures as `tmp_path/name`, at times in seconds where these are given."""
    av = pytest.importorskip("av")

    def write(
        name: str,
        pictures: Sequence[ByteImage],
        codec: str = "libx264",
        pixels: str = "yuv420p",
        times: Sequence[float] | None = None,
        rate: int = 10,
        tick: Fraction | None = None,
        options: dict[str, str] | None = None,
        muxer: dict[str, str] | None = None,
        rotation: int | None = None,
        marks: dict[str, int] | None = None,
        sound: str | None = None,
    ) -> Path:
        tick = tick or (Fraction(1, rate) if times is None else Fraction(1, 1000))
        with av.open(str(tmp_path / name), "w", options=muxer or {}) as output:
            stream = output.add_stream(codec, rate, options or {})
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt, stream.codec_context.time_base = pixels, tick
            for mark, value in (marks or {}).items():
                setattr(stream.codec_context, mark, value)
            if rotation is not None:
                stream.set_display_rotation(rotation)
            if sound is not None:
                beside = output.add_stream(sound, 48000)
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixels)
                time = Fraction(number, rate) if times is None else Fraction(str(times[number]))
                frame.pts, frame.time_base = round(time / tick), tick
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
            if sound is not None:
                _hum(av, output, beside, len(pictures) / rate)
        return tmp_path / name

    return write


def _hum(av: Any, output: Any, stream: Any, seconds: float) -> None:
    for start in range(0, int(seconds * 48000), 1024):
        tone = np.sin(np.arange(start, start + 1024) / 20).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]) * 0.5, "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        for part in av.AudioResampler(stream.format, "stereo", 48000).resample(frame):
            output.mux(stream.encode(part))
    output.mux(stream.encode(None))


@pytest.fixture
def decode() -> Callable[[Path], list[Any]]:
    """Return the frames of a file that PyAV decodes."""
    av = pytest.importorskip("av")

    def read(path: Path) -> list[Any]:
        with av.open(str(path)) as container:
            return list(container.decode(video=0))

    return read
