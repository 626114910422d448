from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.imaging.files import (
    IMAGE_SUFFIXES,
    check_picture_name,
    encode_rgb,
    pictures_in,
    read_rgb,
    write_rgb,
    write_rgb_together,
)


@pytest.fixture
def image(motorcycle) -> np.ndarray:
    return motorcycle[0][100:148, 200:264]


@pytest.mark.parametrize("name", ["a.png", "b.bmp", "c.tif", "d.tiff", "E.PNG", "雨 à gauche.png"])
def test_what_is_written_is_read(tmp_path, image, name: str) -> None:
    write_rgb(tmp_path / name, image)

    found = read_rgb(tmp_path / name)

    np.testing.assert_array_equal(found, image)
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.jpg", "b.jpeg", "c.webp"])
def test_lossy_formats_keep_the_colours_in_order(tmp_path, image, name: str) -> None:
    write_rgb(tmp_path / name, image)

    found = read_rgb(tmp_path / name).astype(float)

    assert np.abs(found - image).mean() < 6
    assert np.abs(found.mean((0, 1)) - image.mean((0, 1))).max() < 2


def test_every_known_ending_can_be_written(tmp_path, image) -> None:
    for suffix in IMAGE_SUFFIXES:
        check_picture_name(tmp_path / f"a{suffix}")
        write_rgb(tmp_path / f"a{suffix}", image)
        assert read_rgb(tmp_path / f"a{suffix}").shape == image.shape


def test_red_is_first(tmp_path) -> None:
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 200
    write_rgb(tmp_path / "red.png", red)

    assert cv2.imread(str(tmp_path / "red.png"))[0, 0].tolist() == [0, 0, 200]
    assert read_rgb(tmp_path / "red.png")[0, 0].tolist() == [200, 0, 0]


def test_grey_is_repeated_and_alpha_dropped(tmp_path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.array([[7, 250]], np.uint8))
    cv2.imwrite(str(tmp_path / "alpha.png"), np.array([[[30, 20, 10, 0]]], np.uint8))

    assert read_rgb(tmp_path / "grey.png").tolist() == [[[7, 7, 7], [250, 250, 250]]]
    assert read_rgb(tmp_path / "alpha.png").tolist() == [[[10, 20, 30]]]


def test_a_missing_file_is_named(tmp_path) -> None:
    path = tmp_path / "none.png"

    with pytest.raises(ImageError, match=re.escape(f"No image {path}: check the path.")):
        read_rgb(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"no picture at all"])
def test_a_damaged_file_is_named(tmp_path, content: bytes) -> None:
    path = tmp_path / "damaged.png"
    path.write_bytes(content)

    with pytest.raises(ImageError, match=re.escape(f"Cannot read {path} as an image: ")):
        read_rgb(path)


@pytest.mark.parametrize("name", ["a.png", "b.bmp", "c.tif"])
def test_a_file_cut_in_half_is_damaged(tmp_path, image, name: str) -> None:
    path = tmp_path / name
    write_rgb(path, image)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(ImageError, match=re.escape(f"Cannot read {path} as an image: ")):
        read_rgb(path)


@pytest.mark.parametrize("name", ["picture.docx", "picture"])
def test_an_unknown_ending_is_refused(tmp_path, image, name: str) -> None:
    path = tmp_path / name
    sentence = re.escape(f"Cannot write {path}: use a known ending, such as .png")

    with pytest.raises(ImageError, match=sentence):
        write_rgb(path, image)
    with pytest.raises(ImageError, match=sentence):
        check_picture_name(path)

    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_picture_and_nothing_aside(tmp_path, image) -> None:
    path = tmp_path / "a.png"
    write_rgb(path, image)
    (tmp_path / "a.png.part").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left on device"):
        write_rgb(path, 255 - image)

    np.testing.assert_array_equal(read_rgb(path), image)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_full_disk_at_the_second_picture_leaves_the_first_as_it_was(tmp_path, image) -> None:
    left, right, new = tmp_path / "left.png", tmp_path / "right.png", tmp_path / "new.png"
    write_rgb_together({left: image, right: image})
    (tmp_path / "right.png.part").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left on device"):
        write_rgb_together({left: 255 - image, new: image, right: 255 - image})

    np.testing.assert_array_equal(read_rgb(left), image)
    np.testing.assert_array_equal(read_rgb(right), image)
    assert {file.name for file in tmp_path.iterdir()} == {"left.png", "right.png"}


def test_the_pictures_of_a_folder_come_sorted_by_name(tmp_path) -> None:
    for name in ("b.png", "a10.JPG", "a2.webp", "notes.txt", "c.png.part"):
        (tmp_path / name).touch()

    assert [path.name for path in pictures_in(tmp_path)] == ["a10.JPG", "a2.webp", "b.png"]


def test_a_folder_without_pictures_is_named(tmp_path) -> None:
    with pytest.raises(ImageError, match=re.escape(f"No pictures in {tmp_path} (.bmp, ")):
        pictures_in(tmp_path)
    with pytest.raises(ImageError, match=re.escape(f"No folder {tmp_path / 'none'}: check the")):
        pictures_in(tmp_path / "none")


def test_an_encoded_picture_is_what_a_file_holds(tmp_path, image) -> None:
    write_rgb(tmp_path / "a.png", image)

    assert encode_rgb(image, ".png") == (tmp_path / "a.png").read_bytes()
    assert len(encode_rgb(image, ".jpg", 50)) < len(encode_rgb(image, ".jpg"))
    with pytest.raises(ImageError, match=r"No picture format has the ending '\.xyz'"):
        encode_rgb(image, ".xyz")
