import cv2
import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.sequences.disparity_file import disparity_of, find_disparity, read_disparity

DISPARITY = np.array([[1.5, 0.0, 60.25], [7.0, 8.0, 9.0]], np.float32)


def write(path):
    if path.suffix == ".npy":
        np.save(path, DISPARITY.astype(np.float64))
    elif path.suffix == ".npz":
        np.savez(path, DISPARITY)
    elif path.suffix == ".pfm":
        cv2.imwrite(str(path), DISPARITY)
    else:
        cv2.imwrite(str(path), (DISPARITY * 256).astype(np.uint16))
    return path


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pfm", ".png"])
def test_every_format_gives_pixels(tmp_path, suffix):
    disparity = read_disparity(write(tmp_path / f"disparity{suffix}"))
    assert disparity.dtype == np.float32
    np.testing.assert_array_equal(disparity, DISPARITY)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"No disparity .*gone\.npy: check the path\."):
        read_disparity(tmp_path / "gone.npy")


@pytest.mark.parametrize("name", ["bad.npy", "bad.npz", "bad.png", "bad.pfm"])
def test_a_damaged_file_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"no disparity at all")
    with pytest.raises(ImageError, match=rf"Cannot read .*{name} as a disparity"):
        read_disparity(tmp_path / name)


def test_an_empty_file_is_named(tmp_path):
    for name in ("empty.npy", "empty.npz", "empty.png"):
        (tmp_path / name).touch()
        with pytest.raises(ImageError, match=rf"Cannot read .*{name} as a disparity"):
            read_disparity(tmp_path / name)


def test_pickled_objects_are_not_loaded(tmp_path):
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ImageError, match="as a disparity"):
        read_disparity(tmp_path / "evil.npy")


def test_an_eight_bit_picture_is_no_disparity(tmp_path):
    cv2.imwrite(str(tmp_path / "picture.png"), np.zeros((4, 4), np.uint8))
    with pytest.raises(ImageError, match="it has 8 bits, not 16"):
        read_disparity(tmp_path / "picture.png")


def test_an_array_of_another_shape_is_refused(tmp_path):
    np.save(tmp_path / "cube.npy", np.zeros((2, 3, 4)))
    with pytest.raises(ImageError, match=r"array of shape \(2, 3, 4\), not of \[H, W\]"):
        read_disparity(tmp_path / "cube.npy")


def test_a_disparity_is_found_by_stem(tmp_path):
    path = write(tmp_path / "000007.npy")
    assert find_disparity(tmp_path, "000007") == path
    assert disparity_of(tmp_path, "000008") is None
    with pytest.raises(ImageError, match=r"No disparity .*000008 ending in \.npy"):
        find_disparity(tmp_path, "000008")
