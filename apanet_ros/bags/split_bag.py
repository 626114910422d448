"""One bag of several files, as rosbag2 splits long recordings: each file a bag written before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

INFORMATION = "rosbag2_bagfile_information"
METADATA = "metadata.yaml"


def join_bags(pieces: Sequence[Path], target: Path, name: str) -> None:
    """Move the storage files of some bags into the new folder `target`, as one bag.

    Args:
        pieces: bags of one file each, of the same topics, that follow each other in time; the
            folders stay, without their storage files. One whose file was moved already by a call
            that was interrupted is fine.
        target: the bag to make; a half-made one is completed.
        name: of its files, to which a number is added.
    """
    target.mkdir(exist_ok=True)
    metadata = [yaml.safe_load((piece / METADATA).read_text())[INFORMATION] for piece in pieces]
    for number, (piece, about) in enumerate(zip(pieces, metadata, strict=True)):
        (file,) = about["relative_file_paths"]
        new_name = f"{name}_{number}{Path(file).suffix}"
        if (piece / file).exists():
            (piece / file).rename(target / new_name)
        about["relative_file_paths"] = [new_name]
        about["files"][0]["path"] = new_name
    text = yaml.safe_dump({INFORMATION: joined_metadata(metadata)}, sort_keys=False)
    (target / METADATA).write_text(text)


def joined_metadata(metadata: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the `rosbag2_bagfile_information` of a bag that has the files of all the given."""
    starts = [about["starting_time"]["nanoseconds_since_epoch"] for about in metadata]
    ends = [
        start + about["duration"]["nanoseconds"]
        for start, about in zip(starts, metadata, strict=True)
    ]
    paths = [path for about in metadata for path in about["relative_file_paths"]]
    topics = [dict(topic) for topic in metadata[0]["topics_with_message_count"]]
    for topic, *others in zip(
        topics, *(about["topics_with_message_count"] for about in metadata[1:]), strict=True
    ):
        topic["message_count"] += sum(other["message_count"] for other in others)
    return {
        **metadata[0],
        "relative_file_paths": paths,
        "starting_time": {"nanoseconds_since_epoch": min(starts)},
        "duration": {"nanoseconds": max(ends) - min(starts)},
        "message_count": sum(about["message_count"] for about in metadata),
        "topics_with_message_count": topics,
        "files": [file for about in metadata for file in about["files"]],
    }
