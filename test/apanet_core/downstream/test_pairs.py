from __future__ import annotations

import numpy as np
import pytest

from apanet_core.downstream.pairs import Pairs, Rain
from apanet_core.errors import ConfigError, ImageError
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame

NAMES = ("a", "b", "c")


def read(number: int) -> StereoFrame:
    left, right = np.random.default_rng(number).integers(0, 200, (2, 40, 60, 3), np.uint8)
    disparity = np.full((40, 60), 8.0, np.float32)
    return StereoFrame(number * 100_000_000, left, right, StereoGeometry(), disparity)


def rainy(pairs: Pairs) -> list[np.ndarray]:
    return [np.stack(pair.rainy) for pair in pairs]


def test_it_rains_on_every_pair_and_the_clean_one_stays() -> None:
    pairs = list(Pairs(NAMES, read, Rain("heavy", 1, runs_on=False)))

    assert [pair.name for pair in pairs] == list(NAMES)
    for number, pair in enumerate(pairs):
        np.testing.assert_array_equal(pair.clean.left, read(number).left)
        assert (pair.rainy[0] != pair.clean.left).any()


@pytest.mark.parametrize("runs_on", [False, True])
def test_a_seed_gives_the_same_rain_however_often_it_is_read(runs_on) -> None:
    pairs = Pairs(NAMES, read, Rain("heavy", 1, runs_on))
    other = Pairs(NAMES, read, Rain("heavy", 2, runs_on))

    np.testing.assert_array_equal(rainy(pairs), rainy(pairs))
    assert (np.stack(rainy(pairs)) != np.stack(rainy(other))).any()


def test_the_first_few_are_the_same_as_among_all() -> None:
    pairs = Pairs(NAMES, read, Rain("light", 3, runs_on=True))

    assert len(pairs.first(2)) == 2
    np.testing.assert_array_equal(rainy(pairs.first(2)), rainy(pairs)[:2])
    assert pairs.first(9).names == NAMES


def test_rain_that_runs_on_moves_its_drops_and_other_rain_is_drawn_anew() -> None:
    """On one picture shown twice at one moment, the same drops are where they were."""

    def still(number: int) -> StereoFrame:
        grey = np.full((40, 60, 3), 90, np.uint8)
        return StereoFrame(0, grey, grey, StereoGeometry(), np.full((40, 60), 2.0, np.float32))

    same, anew = (
        np.stack(rainy(Pairs(("a", "b"), still, Rain("violent", 1, runs_on)))).astype(int)
        for runs_on in (True, False)
    )

    # What is left is sensor noise.
    assert np.abs(same[0] - same[1]).mean() < 3
    assert np.abs(anew[0] - anew[1]).mean() > 3 * np.abs(same[0] - same[1]).mean()


def test_recorded_rain_is_read() -> None:
    views = np.zeros((40, 60, 3), np.uint8), np.ones((40, 60, 3), np.uint8)
    pairs = Pairs(NAMES, read, lambda _: views)

    assert [pair.rainy for pair in pairs] == [views] * 3
    assert pairs.rain_description == "as recorded"


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ConfigError, match="Unknown severity 'wet'; valid: drizzle"):
        list(Pairs(NAMES, read, Rain("wet", 1, runs_on=False)))


def test_what_cannot_be_read_is_told() -> None:
    def broken(number: int) -> StereoFrame:
        raise ImageError("Cannot read b.png as an image: it is damaged or of another kind.")

    with pytest.raises(ImageError, match=r"Cannot read b\.png"):
        list(Pairs(NAMES, broken, Rain("light", 1, runs_on=True)))
