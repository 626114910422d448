from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data.scene import load_scene
from apanet_core.data.stereo_folder import PairFiles
from apanet_core.errors import ImageError
from apanet_core.imaging.disparity import estimate_disparity
from apanet_core.imaging.files import write_rgb


def test_a_scene_holds_both_views_and_the_estimated_disparity(tmp_path, motorcycle) -> None:
    files = PairFiles(tmp_path / "left.png", tmp_path / "right.png")
    views = [view[100:200, 200:500] for view in motorcycle[:2]]
    for path, view in zip(files, views, strict=True):
        write_rgb(path, view)

    scene = load_scene(files)

    np.testing.assert_array_equal(scene.left, views[0])
    np.testing.assert_array_equal(scene.right, views[1])
    assert scene.disparity.dtype == np.float16
    np.testing.assert_allclose(scene.disparity, estimate_disparity(*views), rtol=1e-3)
    assert scene.disparity.max() > 20


def test_a_missing_view_is_named(tmp_path) -> None:
    with pytest.raises(ImageError, match=r"No image .*left\.png"):
        load_scene(PairFiles(tmp_path / "left.png", tmp_path / "right.png"))
