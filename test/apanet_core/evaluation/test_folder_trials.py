from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.folder_trials import find_trials, limited
from apanet_core.evaluation.layout import Layout
from apanet_core.evaluation.trials import GivenRain, RenderedRain
from apanet_core.imaging.files import write_rgb


@pytest.fixture
def make_folder(tmp_path, motorcycle):
    """Write so many cuttings of the motorcycle into folders, and return what holds them."""

    def make(folders: tuple[str, ...], count: int):
        for folder in folders:
            (tmp_path / folder).mkdir(exist_ok=True)
            for number in range(count):
                cut = np.s_[100:140, 200 + 2 * number : 256 + 2 * number]
                write_rgb(tmp_path / folder / f"{number}.png", motorcycle[0][cut])
        return tmp_path

    return make


def test_rain_is_rendered_on_clean_pairs(make_folder) -> None:
    trials, names, what = find_trials(make_folder(("left", "right"), 3), Layout.CLEAN_PAIRS, 1, 2)

    assert isinstance(trials, RenderedRain)
    assert (names, what, len(trials), trials.unit) == (["0", "1"], "2 pairs", 2 * 6, "pair")


def test_rain_is_rendered_on_clean_pictures_as_one_view(make_folder, motorcycle) -> None:
    folder = make_folder((".",), 2)

    trials, names, what = find_trials(folder, Layout.PICTURES, 1, None)

    assert (names, what) == (["0", "1"], "2 clean pictures as both views")
    assert (len(trials), trials.unit) == (2 * 6, "picture")
    violent = trials[5]
    (rainy,), (clean,) = violent.rainy, violent.clean
    assert np.array_equal(clean, motorcycle[0][100:140, 200:256])
    assert not np.array_equal(rainy, clean)
    # Depth is guessed, and not all of it lies at infinity, behind the whole veil.
    disparity = trials.rainy_scene(5).disparity
    assert (disparity.min() > 0, disparity.max() <= 64) == (True, True)
    again = find_trials(folder, Layout.PICTURES, 1, None).trials[5]
    assert np.array_equal(again.rainy[0], rainy)


@pytest.mark.parametrize(
    ("layout", "what"),
    [(Layout.RAINY_PICTURES, "2 pictures as both views"), (Layout.RAINY_PAIRS, "2 rainy pairs")],
)
def test_given_rain_is_read(make_folder, layout, what) -> None:
    found = find_trials(make_folder(layout.value, 2), layout, 1, None)

    assert isinstance(found.trials, GivenRain)
    assert (found.what, found.names) == (what, ["0", "1"])


def test_a_damaged_picture_is_named(make_folder) -> None:
    folder = make_folder((".",), 2)
    (folder / "1.png").write_bytes(b"half")

    with pytest.raises(ImageError, match=r"Cannot read .*1\.png as an image"):
        find_trials(folder, Layout.PICTURES, 1, None)


def test_some_of_many_come_from_all_over() -> None:
    assert limited(list("abcdef"), 3) == ["a", "c", "e"]
    assert limited(list("abc"), None) == ["a", "b", "c"]
