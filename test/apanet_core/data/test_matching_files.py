from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from apanet_core.data.matching_files import (
    matching_pictures,
    matching_size,
    read_matching,
)
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb


def picture(path: Path, height: int = 3, width: int = 4) -> Path:
    path.parent.mkdir(exist_ok=True)
    write_rgb(path, np.zeros((height, width, 3), np.uint8))
    return path


def test_files_of_all_folders_match_by_stem(tmp_path) -> None:
    folders = [tmp_path / name for name in ("x", "y", "z")]
    for folder in folders:
        for stem in ("b", "a"):
            picture(folder / f"{stem}.png")
    found = matching_pictures(folders)
    assert found == [tuple(folder / f"{stem}.png" for folder in folders) for stem in "ab"]


def test_a_file_missing_in_one_folder_leaves_the_others_unpaired(tmp_path) -> None:
    for name in ("x/a.png", "x/b.png", "y/a.png", "y/b.png", "z/a.png"):
        picture(tmp_path / name)
    alone = f"{tmp_path / 'x/b.png'}, {tmp_path / 'y/b.png'}"
    with pytest.raises(ImageError, match=re.escape(f"of the same stem: {alone}.")):
        matching_pictures([tmp_path / name for name in ("x", "y", "z")])


@pytest.mark.parametrize("read", [read_matching, matching_size])
def test_sizes_must_agree(read, tmp_path) -> None:
    files = [picture(tmp_path / name / "a.png") for name in "xyz"]
    read(files)
    picture(files[2], 3, 5)
    with pytest.raises(ImageError, match=re.escape(f"{files[0]} is 4x3, {files[2]} is 5x3")):
        read(files)


def test_a_common_size_is_read_from_the_headers(tmp_path) -> None:
    files = [picture(tmp_path / name / "a.png") for name in "xy"]
    for path in files:
        path.write_bytes(path.read_bytes()[:50])
    assert matching_size(files) == (3, 4)
