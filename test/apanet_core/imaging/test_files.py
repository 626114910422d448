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
    read_picture,
    read_rgb,
    read_stored,
    write_rgb,
    write_rgb_together,
    write_stored_together,
)
from apanet_core.imaging.white_level import WhiteLevel


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


def deep(image: np.ndarray, bits: int) -> np.ndarray:
    """The picture with so many bits, and detail below the steps of 8."""
    fine = np.random.default_rng(3).random(image.shape)
    return ((image + fine) / 256 * (2**bits - 1)).astype(np.uint16)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".ppm", ".pnm"])
def test_sixteen_bits_come_in_full_range_and_go_back_as_they_were(
    tmp_path, image, suffix: str, bits: int
) -> None:
    path, again = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    samples = deep(image, bits)
    cv2.imwrite(str(path), np.ascontiguousarray(samples[..., ::-1]))
    level = WhiteLevel()

    picture, stored = read_picture(path, level), read_stored(path)
    write_stored_together({again: stored.shows(picture, level)})

    assert picture.dtype == np.uint16
    assert abs(int(picture.max()) - 65535 * int(samples.max()) / (2**bits - 1)) <= 1
    np.testing.assert_array_equal(read_stored(again).pixels, samples)
    found = cv2.imread(str(again), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(found[..., ::-1], samples)


def test_what_is_dark_in_twelve_bits_looks_as_the_scene_in_eight(tmp_path, image) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), deep(image, 12)[..., ::-1])

    found = read_rgb(tmp_path / "a.png")

    assert np.abs(found.astype(int) - image).max() <= 1


@pytest.mark.parametrize(("white", "kind"), [(4095, np.uint16), (1000, np.uint16), (100, np.uint8)])
@pytest.mark.parametrize("letter", ["5", "6"])
def test_a_portable_map_says_what_is_white(tmp_path, letter: str, white: int, kind: type) -> None:
    path, again = tmp_path / "a.pnm", tmp_path / "b.pnm"
    channels = 1 if letter == "5" else 3
    values = np.linspace(0, white // 2, 12).astype(kind).reshape(3, 4, 1).repeat(channels, axis=2)
    big = values.astype(">u2" if kind == np.uint16 else kind).tobytes()
    path.write_bytes(b"P%s\n# a comment\n4 3\n%d\n" % (letter.encode(), white) + big)
    level = WhiteLevel()

    picture, stored = read_picture(path, level), read_stored(path)
    write_stored_together({again: stored.shows(picture, level)})

    full = np.iinfo(picture.dtype).max
    assert picture.shape == (3, 4, 3)
    assert np.abs(picture[..., :1] - values[..., :1] * (full / white)).max() <= 0.51
    if kind == np.uint16:
        assert again.read_bytes() == path.read_bytes().replace(b"# a comment\n", b"")


def test_a_pgm_is_written_in_gray_and_a_ppm_in_colour(tmp_path, image) -> None:
    for suffix, kind in ((".pgm", b"P5"), (".ppm", b"P6")):
        write_rgb(tmp_path / f"a{suffix}", image)
        assert (tmp_path / f"a{suffix}").read_bytes().startswith(kind + b"\n64 48\n255\n")
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.pgm")[..., 0], gray)


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_tiff_of_floats_keeps_its_range(tmp_path, image, white: float, kind: type) -> None:
    path, again = tmp_path / "a.tif", tmp_path / "b.tiff"
    samples = (image / 255 * white).astype(kind)
    uncompressed = [cv2.IMWRITE_TIFF_COMPRESSION, 1]
    cv2.imwrite(str(path), np.ascontiguousarray(samples[..., ::-1]), uncompressed)
    level = WhiteLevel()

    picture = read_picture(path, level)
    write_stored_together({again: read_stored(path).shows(picture, level)})

    np.testing.assert_array_equal(read_rgb(path), image)
    found = cv2.imread(str(again), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[..., ::-1], samples, atol=white * 1e-4)


def test_a_tiff_without_brightness_is_named(tmp_path) -> None:
    for name, values, what in (
        ("nan.tif", np.full((4, 5), np.nan, np.float32), "it holds values that are no brightness"),
        ("int.tif", np.zeros((4, 5), np.int32), "its values are int32: write it with 8 or 16 bits"),
    ):
        assert cv2.imwrite(str(tmp_path / name), values)
        with pytest.raises(
            ImageError, match=re.escape(f"Cannot read {tmp_path / name} as an image: {what}")
        ):
            read_rgb(tmp_path / name)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_alpha_is_kept(tmp_path, image, suffix: str, kind: type) -> None:
    path, again = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    alpha = np.arange(image[..., 0].size).reshape(image.shape[:2]) % 200
    step = 257 if kind == np.uint16 else 1
    samples = np.dstack([image[..., ::-1], alpha]).astype(kind) * kind(step)
    cv2.imwrite(str(path), samples)
    level = WhiteLevel()

    picture, stored = read_picture(path, level), read_stored(path)
    write_stored_together({again: stored.shows(picture, level)})

    np.testing.assert_array_equal(picture, image.astype(kind) * kind(step))
    np.testing.assert_array_equal(cv2.imread(str(again), cv2.IMREAD_UNCHANGED), samples)


def test_alpha_that_a_format_does_not_hold_is_told(tmp_path, image, caplog) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.dstack([image, image[..., 0]]))

    write_stored_together({tmp_path / "b.jpg": read_stored(tmp_path / "a.png")})

    assert "Alpha is left out: files that end in .jpg hold none." in caplog.text


@pytest.mark.parametrize("suffix", [".jpg", ".bmp", ".webp"])
def test_what_holds_eight_bits_is_given_the_scene_in_eight(tmp_path, image, suffix: str) -> None:
    write_rgb(tmp_path / f"a{suffix}", image.astype(np.uint16) * 257)

    assert np.abs(read_rgb(tmp_path / f"a{suffix}").astype(float) - image).mean() < 6


def test_gray_stays_gray(tmp_path, image) -> None:
    path, again, level = tmp_path / "a.png", tmp_path / "b.png", WhiteLevel()
    cv2.imwrite(str(path), image[..., 0])

    write_stored_together({again: read_stored(path).shows(read_picture(path, level), level)})

    np.testing.assert_array_equal(cv2.imread(str(again), cv2.IMREAD_UNCHANGED), image[..., 0])


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_cut_off_file_is_refused_whatever_opencv_makes_of_it(
    tmp_path, image, name: str, monkeypatch
) -> None:
    path = tmp_path / name
    write_rgb(path, image)
    path.write_bytes(path.read_bytes()[:-40])
    # As OpenCV 4.10 does.
    monkeypatch.setattr(cv2, "imdecode", lambda *_: image)

    with pytest.raises(ImageError, match=re.escape(f"Cannot read {path} as an image: its end is")):
        read_rgb(path)


def test_hidden_files_are_no_pictures(tmp_path, image) -> None:
    write_rgb(tmp_path / "a.png", image)
    (tmp_path / "._a.png").write_bytes(b"\0\5\x16\7Mac OS X")

    assert [path.name for path in pictures_in(tmp_path)] == ["a.png"]


def test_links_that_lead_nowhere_are_named_and_the_folder_goes_on(tmp_path, image, caplog) -> None:
    write_rgb(tmp_path / "z.png", image)
    for number in range(12):
        (tmp_path / f"gone{number:02}.png").symlink_to(tmp_path / "nothing.png")

    assert [path.name for path in pictures_in(tmp_path)] == ["z.png"]
    assert f"{tmp_path / 'gone00.png'} (to {tmp_path / 'nothing.png'})" in caplog.text
    assert "gone09" in caplog.text
    assert "gone10" not in caplog.text
    assert "and 2 more." in caplog.text
    with pytest.raises(
        ImageError, match=r"No image .*gone00.png \(a link to .*nothing.png\): check"
    ):
        read_rgb(tmp_path / "gone00.png")
