from __future__ import annotations

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

WARNS = """
import sys
from pathlib import Path
from apanet_core.imaging.files import read_stored
from apanet_core.errors import ImageError
for name in sys.argv[1:]:
    try:
        read_stored(name)
    except ImageError as error:
        print(error)
"""


@pytest.fixture
def files(tmp_path) -> list[str]:
    """Pictures of which OpenCV logs warnings or errors."""
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 4), np.uint8)
    names = [str(tmp_path / name) for name in ("alpha.tif", "half.tif", "half.png", "half.ppm")]
    for name in names:
        channels = picture if "alpha" in name else picture[..., :3]
        data = cv2.imencode(name[-4:], np.ascontiguousarray(channels))[1].tobytes()
        keep = len(data) if "alpha" in name else len(data) // 2
        with open(name, "wb") as file:  # noqa: PTH123
            file.write(data[:keep])
    return names


def stderr_of(names: list[str], **environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", WARNS, *names],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    assert ran.stdout.count("Cannot read") == 3
    return ran.stderr


def test_opencv_prints_nothing_of_its_own(files) -> None:
    assert stderr_of(files) == ""


def test_who_asks_for_its_log_gets_it(files) -> None:
    assert "half.tif" not in stderr_of(files, OPENCV_LOG_LEVEL="WARNING")
    assert "[ERROR" in stderr_of(files, OPENCV_LOG_LEVEL="WARNING")
