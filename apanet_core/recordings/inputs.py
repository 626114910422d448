"""What the paths on a command line are: a pair of pictures, folders, videos or bags."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from apanet_core.data.matching_files import holds_pairs
from apanet_core.data.view_names import are_views, view_folders
from apanet_core.errors import ConfigError
from apanet_core.imaging.files import IMAGE_SUFFIXES
from apanet_core.name_list import name_list

VIDEO_SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"})
BAG_SUFFIXES = frozenset({".mcap", ".db3"})
BAG_METADATA = "metadata.yaml"


class Kind(Enum):
    """The kinds of recordings, as a person calls them."""

    PAIR = "pair of pictures"
    FOLDERS = "two folders of pictures"
    SIDE_BY_SIDE = "side-by-side video"
    VIDEOS = "two videos"
    BAG = "rosbag2"


@dataclass(frozen=True)
class Recording:
    """One recording: left and right path, or the one path that holds both views.

    A folder whose pictures are left and right ones by their names is `Kind.FOLDERS` as well.
    """

    kind: Kind
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What its output is called among others: the path's last part, a bag file's without end.

        Two folders `drive/left` and `drive/right` are called `drive`.
        """
        first = self.paths[0]
        if self.kind is Kind.FOLDERS and len(self.paths) == 2:
            # KITTI's raw drives keep the pictures in image_02/data.
            return (first.parent if first.name == "data" else first).parent.name
        return first.stem if first.suffix in BAG_SUFFIXES else first.name

    @property
    def comparison_name(self) -> str:
        """What its comparison is called among others: of pictures a folder, else a video."""
        if self.kind in (Kind.PAIR, Kind.FOLDERS):
            return self.name
        # Of other names a dot is a part: `run.1` and `run.2` are two.
        is_video = Path(self.name).suffix.lower() in VIDEO_SUFFIXES
        return f"{Path(self.name).stem if is_video else self.name}.mp4"


def find_recordings(words: Sequence[str], each: bool = False) -> list[Recording]:
    """Tell which recordings some paths or glob patterns name.

    Args:
        words: paths, or patterns such as `"drives/*"`. Two pictures, two folders of pictures or
            two videos are the left and the right view of one recording. What a pattern matches
            is that only where the two are called so, as `are_views` knows it.
        each: every path is a recording of its own, also where there are two videos.

    Raises:
        ConfigError: a path does not exist or is no recording; the message says what would be.
    """
    paths = _paths(words)
    if not each and (kind := _kind_of_the_two(words, paths)) is not None:
        return [Recording(kind, tuple(paths))]
    return [_single(path) for path in paths]


def are_several(words: Sequence[str], each: bool = False) -> bool:
    """Whether the paths are recordings that lie in one output folder, each under its name.

    Those of a pattern do, also where it matches just one: the output shall not depend on how many
    there are today. Arguments and errors are those of `find_recordings`.
    """
    paths = _paths(words)
    if not each and _kind_of_the_two(words, paths) is not None:
        return False
    return len(paths) > 1 or any(map(_is_pattern, words))


def check_names(recordings: Sequence[Recording], compared: bool = False) -> None:
    """Refuse recordings, or where asked comparisons, that would be written under one name.

    Args:
        recordings: those that go into one folder.
        compared: their comparisons go into one folder, too.

    Raises:
        ConfigError: two have one name.
    """
    if twice := _more_than_once(recording.name for recording in recordings):
        raise ConfigError(f"Several recordings are called {twice}: derain them one by one.")
    if compared and (
        twice := _more_than_once(recording.comparison_name for recording in recordings)
    ):
        raise ConfigError(f"Several comparisons would be called {twice}: derain them one by one.")


def _more_than_once(names: Iterable[str]) -> str:
    return name_list(sorted(name for name, count in Counter(names).items() if count > 1))


def _paths(words: Sequence[str]) -> list[Path]:
    return [path for word in words for path in _expand(word)]


def _is_pattern(word: str) -> bool:
    return glob.has_magic(word) and not Path(word).exists()


def _expand(word: str) -> list[Path]:
    if not _is_pattern(word):
        return [Path(word)]
    pattern = Path(word)
    found = sorted(Path(pattern.anchor or ".").glob(str(pattern.relative_to(pattern.anchor))))
    if not found:
        raise ConfigError(f"Nothing matches {word}: check the pattern.")
    return found


def _kind_of_the_two(words: Sequence[str], paths: Sequence[Path]) -> Kind | None:
    """Return what the paths are as one recording; None where each is one of its own."""
    if len(paths) != 2:
        return None
    left, right = paths
    if any(map(_is_pattern, words)) and not are_views(left, right):
        return None
    return _kind_of_views(left, right)


def _kind_of_views(left: Path, right: Path) -> Kind | None:
    """Return what two paths are as the two views of one recording; None when they are not."""
    suffixes = {path.suffix.lower() for path in (left, right)}
    if suffixes <= IMAGE_SUFFIXES:
        return Kind.PAIR
    if suffixes <= VIDEO_SUFFIXES:
        return Kind.VIDEOS
    if left.is_dir() and right.is_dir() and not any(map(_is_whole, (left, right))):
        return Kind.FOLDERS
    return None


def _is_whole(folder: Path) -> bool:
    """Whether a folder is a recording by itself: a bag, finished or not, or one of both views."""
    return _is_bag(folder) or view_folders(folder) is not None or holds_pairs(folder)


def _is_bag(folder: Path) -> bool:
    return any(
        path.name == BAG_METADATA or path.suffix in BAG_SUFFIXES for path in folder.iterdir()
    )


def _single(path: Path) -> Recording:
    suffix = path.suffix.lower()
    if not path.exists():
        raise ConfigError(f"No file or folder {path}: check the path.")
    if path.is_dir() and (folders := view_folders(path)) is not None:
        return Recording(Kind.FOLDERS, folders)
    if suffix in BAG_SUFFIXES or (path.is_dir() and _is_bag(path)):
        return Recording(Kind.BAG, (path,))
    if path.is_dir() and holds_pairs(path):
        return Recording(Kind.FOLDERS, (path,))
    if suffix in VIDEO_SUFFIXES:
        return Recording(Kind.SIDE_BY_SIDE, (path,))
    if suffix in IMAGE_SUFFIXES:
        raise ConfigError(f"{path} is one view: give the left and the right picture.")
    raise ConfigError(
        f"{path} is no recording: give a rosbag2, a video, a folder with left/ and right/, or two "
        "pictures, folders or videos."
    )
