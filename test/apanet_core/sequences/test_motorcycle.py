import numpy as np
import pytest

pytest.importorskip("skimage")

from apanet_core.sequences.motorcycle import motorcycle


def test_the_scene_needs_no_download(monkeypatch):
    """The pictures lie in scikit-image's own package."""
    from pathlib import Path

    import skimage

    folder = Path(skimage.__file__).parent / "data"
    for name in ("motorcycle_left.png", "motorcycle_right.png", "motorcycle_disp.npz"):
        assert (folder / name).is_file()


def test_disparity_leads_from_left_to_right_after_the_shift():
    frame = motorcycle()
    assert frame.left.shape == frame.right.shape == (500, 710, 3)
    assert frame.disparity is not None
    known = np.isfinite(frame.disparity)
    rows, columns = np.nonzero(known)
    matches = columns - np.rint(frame.disparity[known]).astype(int)
    inside = matches >= 0
    left = frame.left[rows, columns][inside].astype(int)
    right = frame.right[rows[inside], matches[inside]].astype(int)
    assert np.abs(left - right).mean() < 9
    assert np.abs(left - np.roll(frame.right, 5, axis=1)[rows[inside], matches[inside]]).mean() > 15


def test_depth_is_that_of_a_garage():
    """Focal length, baseline and disparity together must give metres that make sense."""
    frame = motorcycle()
    assert frame.disparity is not None
    known = frame.disparity[np.isfinite(frame.disparity)]
    depth_m = frame.camera.disparity_at_one_metre / known
    assert 1.5 < depth_m.min() < 2.5
    assert 4.0 < depth_m.max() < 6.0
