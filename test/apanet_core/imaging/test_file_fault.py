from __future__ import annotations

import cv2
import numpy as np
import pytest

from apanet_core.imaging.file_fault import CUT_OFF, DAMAGED, file_fault

PICTURE = cv2.GaussianBlur(
    np.random.default_rng(5).integers(0, 256, (64, 80, 3), np.uint8), (0, 0), 2
)


def encoded(suffix: str, *options: int) -> bytes:
    return cv2.imencode(suffix, PICTURE, list(options))[1].tobytes()


FILES = {
    "jpeg": encoded(".jpg"),
    "progressive": encoded(".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restarts": encoded(".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    "png": encoded(".png"),
}


def with_thumbnail(jpeg: bytes) -> bytes:
    """A JPEG whose head holds a whole small JPEG, as cameras write them into Exif."""
    small = cv2.imencode(".jpg", PICTURE[:16, :16])[1].tobytes()
    segment = b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small
    return jpeg[:2] + segment + jpeg[2:]


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_whole_file_has_no_fault_and_one_cut_anywhere_has(data: bytes) -> None:
    assert file_fault(data) == ""
    assert file_fault(data + b"what some cameras write behind") == ""
    for end in [*range(10, len(data) - 1, 97), len(data) - 1, len(data) - 2]:
        assert file_fault(data[:end]) == CUT_OFF, end


def test_the_end_of_a_thumbnail_is_not_that_of_the_picture() -> None:
    whole = with_thumbnail(FILES["jpeg"])

    assert file_fault(whole) == ""
    assert file_fault(whole[: len(whole) // 2]) == CUT_OFF


def test_a_png_is_checked_by_its_checksums() -> None:
    damaged = bytearray(FILES["png"])
    damaged[len(damaged) // 2] ^= 1

    assert file_fault(bytes(damaged)) == DAMAGED


@pytest.mark.parametrize("data", [b"", b"BM", b"RIFF1234WEBP", b"P5 1 1 255 a", b"text"])
def test_other_files_are_left_to_their_decoder(data: bytes) -> None:
    assert file_fault(data) == ""
