from __future__ import annotations

import re

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.trials import GivenRain, RenderedRain
from apanet_core.imaging.files import write_rgb
from apanet_core.rain import SEVERITIES


def gray(level: int, size: tuple[int, int] = (12, 20)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


@pytest.fixture(scope="module")
def scenes(make_scenes):
    return make_scenes(2, 64, 96)


@pytest.fixture
def files(tmp_path):
    """Four pictures, gray of level 1 to 4."""
    paths = [tmp_path / f"{level}.png" for level in (1, 2, 3, 4)]
    for path in paths:
        write_rgb(path, gray(int(path.stem)))
    return paths


def test_every_scene_is_dry_first_and_then_in_every_severity(scenes) -> None:
    trials = RenderedRain(scenes, seed=1, names=["a", "b"])

    found = [trials[index] for index in range(len(trials))]

    assert [(trial.number, trial.name, trial.weather) for trial in found] == [
        (number, name, weather)
        for number, name in enumerate("ab")
        for weather in ("dry", *SEVERITIES)
    ]
    assert found[0].rainy is found[0].clean
    assert found[7].clean[1] is scenes[1].right
    assert not np.array_equal(found[7].rainy[1], scenes[1].right)


def test_the_rain_depends_on_the_seed_alone(scenes) -> None:
    first, again, other = (RenderedRain(scenes, seed)[5].rainy for seed in (1, 1, 2))

    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not any(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


def test_a_rainy_scene_is_that_of_the_trial(scenes) -> None:
    trials = RenderedRain(scenes, seed=1, names=["a", "b"])

    scene, trial = trials.rainy_scene(11), trials[11]

    assert np.array_equal(scene.left.rainy, trial.rainy[0])
    assert np.array_equal(scene.right.rainy, trial.rainy[1])
    assert scene.left.clean is scenes[1].left
    assert scene.left.on_lens.shape == (64, 96)
    assert trials.labels(11) == (trial.name, trial.weather) == ("b", "violent")
    assert trials.rainy_scene(6).right.is_dry


def test_the_next_scene_in_the_same_weather(scenes) -> None:
    trials = RenderedRain(scenes, seed=1)

    assert (trials.elsewhere(4), trials.elsewhere(10)) == (10, 4)
    assert RenderedRain(scenes[:1], seed=1).elsewhere(4) is None


def test_single_trials_hold_the_left_view(scenes) -> None:
    pairs, single = RenderedRain(scenes, 1), RenderedRain(scenes, 1, single=True)

    assert (pairs.unit, single.unit) == ("pair", "picture")
    assert len(single[5].rainy) == len(single[5].clean) == 1
    assert np.array_equal(single[5].rainy[0], pairs[5].rainy[0])


def test_four_files_are_a_rainy_and_a_clean_pair(files) -> None:
    trials = GivenRain([files])

    trial = trials[0]

    assert (len(trials), trials.unit, trial.name, trial.weather) == (1, "pair", "1", "rain")
    assert [int(view.max()) for view in (*trial.rainy, *trial.clean)] == [1, 2, 3, 4]


def test_two_files_are_a_rainy_and_a_clean_picture(files) -> None:
    trial = GivenRain([files[:2], files[2:]])[1]

    assert (trial.number, trial.name) == (1, "3")
    assert [int(view.max()) for view in (*trial.rainy, *trial.clean)] == [3, 4]


def test_files_of_two_sizes_are_named(files) -> None:
    write_rgb(files[2], gray(0, (12, 21)))

    with pytest.raises(ImageError, match=rf"is 20x12, {re.escape(str(files[2]))} is 21x12"):
        GivenRain([files])[0]
