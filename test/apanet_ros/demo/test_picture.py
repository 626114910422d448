import numpy as np
import pytest

pytest.importorskip("matplotlib")

from apanet_core.imaging.files import read_rgb
from apanet_ros.demo.picture import GAP_PX, LEFT_MARGIN_PX, TOP_MARGIN_PX, draw_comparison

HEIGHT, WIDTH = 90, 120


def images(*colors: tuple[int, int, int]):
    return {
        (5, view): np.full((HEIGHT, WIDTH, 3), color, np.uint8)
        for view, color in zip(("left", "right"), colors, strict=True)
    }


def test_every_image_stands_in_its_place_pixel_for_pixel(tmp_path):
    rainy = images((200, 0, 0), (0, 200, 0))
    derained = images((0, 0, 200), (200, 200, 0))
    clean = images((0, 200, 200), (200, 0, 200))
    draw_comparison(tmp_path / "demo.png", 5, rainy, derained, clean, "a title")
    picture = read_rgb(tmp_path / "demo.png")
    assert picture.shape == (
        TOP_MARGIN_PX + 2 * (HEIGHT + GAP_PX),
        LEFT_MARGIN_PX + 3 * (WIDTH + GAP_PX),
        3,
    )
    for row, view in enumerate(("left", "right")):
        for column, shown in enumerate((rainy, derained, clean)):
            top = TOP_MARGIN_PX + row * (HEIGHT + GAP_PX)
            left = LEFT_MARGIN_PX + column * (WIDTH + GAP_PX)
            # The lower third carries the label.
            upper = picture[top : top + HEIGHT // 2, left : left + WIDTH]
            np.testing.assert_array_equal(upper, shown[5, view][: HEIGHT // 2])


def test_the_margins_carry_text(tmp_path):
    grey = images((90, 90, 90), (90, 90, 90))
    draw_comparison(tmp_path / "demo.png", 5, grey, grey, grey, "a title")
    picture = read_rgb(tmp_path / "demo.png")
    assert (picture[:TOP_MARGIN_PX] < 50).any()
    assert (picture[TOP_MARGIN_PX:, : LEFT_MARGIN_PX - 4] < 50).any()
