"""The estimate of rain: worked by hand, and on real scenes through the shipped network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apanet_core.imaging.files import read_rgb
from apanet_core.imaging.types import ByteImage
from apanet_core.runtime.rain_level import patch, rain_level
from apanet_core.streaming.rain_gate import GateOptions

SCENES = Path(__file__).parents[4] / "shared/data/stereo_clean/val"


def flat(value: int, height: int = 200, width: int = 400) -> ByteImage:
    return np.full((height, width, 3), value, np.uint8)


def test_what_is_taken_away_counts_and_what_is_added_does_not() -> None:
    assert rain_level((flat(100), flat(100)), (flat(90), flat(90))) == 10.0
    assert rain_level((flat(100), flat(100)), (flat(90), flat(130))) == 5.0
    assert rain_level((flat(255), flat(255)), (flat(0), flat(0))) == 255.0


def test_only_the_middle_is_looked_at_and_of_small_images_all() -> None:
    image = flat(0)
    image[52:148, 104:296] = 9
    assert patch(image).shape == (96, 192, 3)
    assert (patch(image) == 9).all()
    assert patch(flat(1, 20, 30)).shape == (20, 30, 3)


@pytest.mark.skipif(not SCENES.is_dir(), reason=f"no road scenes at {SCENES}")
def test_rain_on_roads_stands_out_from_the_dry_roads() -> None:
    pytest.importorskip("torch")
    from apanet_core.rain import add_rain, sample_weather
    from apanet_core.runtime.derainer import StereoDerainer

    derainer = StereoDerainer("tiny", "cpu")

    def level(views: tuple[ByteImage, ByteImage]) -> float:
        middle = patch(views[0]), patch(views[1])
        return rain_level(middle, derainer.derain(*middle))

    dry, light = [], []
    for number in range(0, 40, 4):
        left, right = (
            read_rgb(sorted((SCENES / side).iterdir())[number]) for side in ("left", "right")
        )
        generator = np.random.default_rng(number)
        dry.append(level((left, right)))
        light.append(level(add_rain(left, right, sample_weather("light", generator), generator)))
    level = GateOptions().dry_level
    assert np.median(dry) < level, "most dry roads let the gate close"
    assert min(light) > 2 * level, "light rain opens it again"
