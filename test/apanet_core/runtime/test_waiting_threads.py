"""How threads wait: as the commands that compute for long have it, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("torch")

from apanet_core.imaging.files import write_rgb
from apanet_core.runtime.waiting_threads import let_waiting_threads_sleep, waiting_threads_sleep


def test_they_sleep_unless_the_user_says_otherwise(monkeypatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "")
    monkeypatch.delenv("OMP_WAIT_POLICY")
    assert not waiting_threads_sleep()
    let_waiting_threads_sleep()
    assert waiting_threads_sleep()
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    let_waiting_threads_sleep()
    assert not waiting_threads_sleep()


@pytest.fixture
def drive(tmp_path):
    for view in ("left", "right"):
        (tmp_path / "drive" / view).mkdir(parents=True)
        for name in ("0.png", "1.png"):
            write_rgb(tmp_path / "drive" / view / name, np.full((64, 96, 3), 90, np.uint8))
    return tmp_path / "drive"


@pytest.mark.parametrize(
    "words",
    [
        ["derain", "drive", "-o", "out"],
        ["derain", "driv*", "-o", "out", "--processes", "2"],
        ["evaluate", "tiny", "drive/left", "--video"],
    ],
)
def test_openmp_is_told_before_torch_is_there(tmp_path, drive, words) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}

    ran = subprocess.run(
        [sys.executable, "-m", "apanet_ros.cli", *words, "--device", "cpu"],
        cwd=tmp_path,
        env=environment | {"OMP_DISPLAY_ENV": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in ran.stderr
