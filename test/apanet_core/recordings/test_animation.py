from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("PIL")

from PIL import Image

from apanet_core.errors import ConfigError, ImageError
from apanet_core.recordings.animation import (
    AnimationOptions,
    line_places,
    wiped,
    write_animation,
)

DARK = np.full((60, 80, 3), 10, np.uint8)
LIGHT = np.full((60, 80, 3), 240, np.uint8)


def test_the_line_holds_at_both_ends_and_comes_back():
    places = line_places(100)

    assert places[:6] == [1.0] * 6
    assert places[48:52] == [0.0] * 4
    assert places == pytest.approx(places[::-1])
    assert all(before >= after for before, after in pairwise(places[:50]))


@pytest.mark.parametrize("place", [0.0, 0.25, 1.0])
def test_rainy_is_left_of_the_line_and_derained_right(place):
    picture = wiped(DARK, LIGHT, place)

    column = round(80 * place)
    assert (picture[50, : max(0, column - 2)] == 10).all()
    assert (picture[50, column + 2 :] == 240).all()
    if 0 < column < 80:
        assert (picture[50, column] == 255).all()


@pytest.mark.parametrize("name", ["look.gif", "look.webp"])
def test_it_repeats_at_the_rate_and_width_asked_for(tmp_path, name):
    options = AnimationOptions(width=40, fps=5)

    # Equal frames would be made one.
    pairs = [(DARK + 30 * number, LIGHT - 30 * number) for number in range(4)]

    assert write_animation(pairs, 4, tmp_path / name, options) == 4

    with Image.open(tmp_path / name) as animation:
        assert (animation.n_frames, animation.size) == (4, (40, 30))
        assert animation.info["loop"] == 0
        animation.load()
        assert animation.info["duration"] == 200


def test_another_ending_and_no_pair_are_told(tmp_path):
    with pytest.raises(ConfigError, match=r"look\.mp4 is no animation; it ends in \.gif or \.webp"):
        write_animation([(DARK, LIGHT)], 1, tmp_path / "look.mp4", AnimationOptions())
    with pytest.raises(ImageError, match="There is no pair to animate"):
        write_animation([], 3, tmp_path / "look.gif", AnimationOptions())
    assert list(tmp_path.iterdir()) == []
