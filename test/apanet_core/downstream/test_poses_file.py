from __future__ import annotations

import numpy as np
import pytest

from apanet_core.downstream.poses_file import poses_text, read_poses
from apanet_core.errors import ImageError


def test_poses_come_back_as_they_were_written(tmp_path, drive) -> None:
    (tmp_path / "poses.txt").write_text(poses_text(drive))

    np.testing.assert_allclose(read_poses(tmp_path / "poses.txt", len(drive)), drive, atol=1e-8)
    assert poses_text(np.eye(4)[None]) == "1 0 0 0 0 1 0 0 0 0 1 0\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 0 0 0\n1 0 0 0\n", r"has 4 numbers a line; KITTI's poses have 12\."),
        ("1 0 0 0 0 1 0 0 0 0 1 0\n", r"holds 1 poses for 2 pairs: each pair needs a finite one\."),
        ("1 0 0 0 0 1 0 0 0 0 1 nan\n" * 2, r"each pair needs a finite one\."),
        ("", r"holds 0 poses for 2 pairs"),
        ("one two\n", r"Cannot read .*poses\.txt as poses: could not convert"),
        ("1 2\n1 2 3\n", r"Cannot read .*poses\.txt as poses: "),
    ],
)
def test_what_is_no_trajectory_of_these_pairs_is_refused(tmp_path, text, message) -> None:
    (tmp_path / "poses.txt").write_text(text)

    with pytest.raises(ImageError, match=message):
        read_poses(tmp_path / "poses.txt", 2)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ImageError, match=r"No poses .*none\.txt: check the path\."):
        read_poses(tmp_path / "none.txt", 2)
