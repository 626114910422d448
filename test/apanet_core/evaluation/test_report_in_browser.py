"""The report of `apanet evaluate` on a real scene, opened in a real browser.

The pictures in docs/images are taken here:

    cd test/apanet_core/evaluation
    APANET_SCREENSHOTS=../../../docs/images python -m pytest test_report_in_browser.py
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from apanet_core.data.scene import Scene
from apanet_core.evaluation.baselines import baselines
from apanet_core.evaluation.comparison import compare
from apanet_core.evaluation.models import load_models
from apanet_core.evaluation.protocol import Protocol
from apanet_core.evaluation.report import report_page
from apanet_core.evaluation.trials import RenderedRain
from apanet_core.imaging.disparity import fill_disparity
from apanet_core.imaging.files import read_rgb

KEPT = os.environ.get("APANET_SCREENSHOTS")


@pytest.fixture(scope="module")
def report(motorcycle, tmp_path_factory) -> Path:
    """The motorcycle in every severity: all of it where pictures are kept, else a part."""
    window = np.s_[:, :] if KEPT else np.s_[200:328, 200:456]
    left, right, disparity = (view[window] for view in motorcycle)
    scene = Scene(left, right, fill_disparity(disparity).astype(np.float16))
    trials = RenderedRain([scene], seed=2025, names=["motorcycle"])
    methods = [*load_models(["tiny"], "cpu", tiled=False), *baselines()]
    protocol = Protocol(
        folder="motorcycle",
        what="1 pair",
        cut="whole",
        seed=2025,
        lpips="LPIPS is empty: it was turned off.",
        lpips_title="LPIPS",
        machine="a test",
        commit="of a test",
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    report_page(compare(methods, trials), trials, protocol).write(path)
    return path


@pytest.mark.parametrize("window", ["phone", "desk"])
def test_the_slider_is_dragged_and_the_picture_changes(open_page, report, tmp_path, window) -> None:
    page = open_page(window, report)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    heading = page.get_by_role("heading", name="motorcycle, heavy")
    slider = page.locator("h2:has-text('motorcycle, heavy') ~ figure .slider").first
    heading.evaluate("heading => heading.scrollIntoView({behavior: 'instant'})")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 3
    before = seen(slider)

    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.35, y, steps=4)
    page.mouse.up()

    changed = np.abs(seen(slider).astype(int) - before).mean(axis=(0, 2))
    width = len(changed)
    # Rain went between the two places of the handle, and nowhere else.
    assert changed[int(0.4 * width) : int(0.45 * width)].mean() > 3
    assert changed[: int(0.3 * width)].max() == 0
    assert changed[int(0.6 * width) :].max() == 0
    path = (Path(KEPT) if KEPT else tmp_path) / f"report_slider_{window}.jpg"
    page.screenshot(path=path, quality=85)
    assert read_rgb(path).std() > 20


def seen(element) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(element.screenshot(), np.uint8), cv2.IMREAD_COLOR)
