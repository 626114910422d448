from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import ImageFile

from apanet_core.data import picture_size as module
from apanet_core.data.picture_size import picture_size
from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb, write_rgb

PICTURE = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.JPEG", "a.bmp", "a.tif", "a.webp"])
def test_no_picture_is_decoded(name, tmp_path, monkeypatch) -> None:
    write_rgb(tmp_path / name, PICTURE)
    monkeypatch.setattr(module, "read_rgb", lambda path: pytest.fail(f"decoded {path}"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))
    assert picture_size(tmp_path / name) == (37, 53)


def test_a_progressive_jpeg_is_understood(tmp_path, monkeypatch) -> None:
    _, data = cv2.imencode(".jpg", PICTURE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    (tmp_path / "a.jpg").write_bytes(data.tobytes())
    monkeypatch.setattr(module, "read_rgb", lambda path: pytest.fail(f"decoded {path}"))
    assert picture_size(tmp_path / "a.jpg") == (37, 53)


def test_a_photograph_on_its_side_is_turned(tmp_path) -> None:
    _, data = cv2.imencode(".jpg", PICTURE)
    # Exif of one entry: orientation (0x0112), a short, 6: turn it clockwise.
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + entry + b"\x00\x00\x00\x00"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    jpeg = data.tobytes()
    (tmp_path / "a.jpg").write_bytes(jpeg[:2] + segment + jpeg[2:])
    assert picture_size(tmp_path / "a.jpg") == read_rgb(tmp_path / "a.jpg").shape[:2] == (53, 37)


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x04ab\xff"]
)
def test_what_is_no_picture_is_named(content, tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ImageError, match=r"Cannot read .*a\.png as an image"):
        picture_size(tmp_path / "a.png")


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ImageError, match=r"Cannot read .*a\.png: No such file"):
        picture_size(tmp_path / "a.png")
