"""Where in one bag or two the rainy and the derained images of a camera are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apanet_ros.bags.reader import BagReader, BagTopic
from apanet_ros.bags.stereo_topics import (
    COMPRESSED_SUFFIX,
    IMAGE_TYPES,
    base_name,
    derained_names,
    find_stereo_topics,
    named_topics,
)
from apanet_ros.errors import BagError

Names = tuple[str, str]
Stereo = tuple[BagTopic, BagTopic]


@dataclass(frozen=True)
class ViewTopics:
    """Topics of both cameras, left and right; `derained` is None where nobody derained them."""

    rainy: Stereo
    derained: Stereo | None


def find_view_topics(
    rainy: BagReader, derained: BagReader, names: Names | None, derained_given: Names | None
) -> ViewTopics:
    """Find rainy images in one bag and derained ones in another, or in the same.

    Args:
        rainy, derained: opened; one reader twice where one bag holds both.
        names: of the rainy image topics; None finds them.
        derained_given: of the derained ones; None takes the names that the node and `apanet
            derain` give them, and in a bag of its own also those of the rainy ones (`--instead`).

    Raises:
        BagError: there are no such topics, or a second bag holds no derained images of the first.
    """
    found = named_topics(rainy.topics, names) if names else find_stereo_topics(rainy.topics)
    _check_that_it_rains(rainy.path, found, names)
    if derained_given:
        return ViewTopics(found, named_topics(derained.topics, derained_given))
    left, right = found
    called = derained_names(left.name, right.name)
    candidates = [(called[left.name], called[right.name])]
    if derained is not rainy:
        candidates.append((left.name, right.name))
    for candidate in candidates:
        if (stereo := _in_either_transport(derained.topics, candidate)) is not None:
            return ViewTopics(found, stereo)
    if derained is rainy:
        return ViewTopics(found, None)
    raise BagError(
        f"{derained.path} holds no {called[left.name]}, the derained images of {left.name} in "
        f"{rainy.path}: name them with --derained LEFT RIGHT."
    )


def _check_that_it_rains(path: Path, found: Stereo, names: Names | None) -> None:
    if names is None and "derained" in found[0].name:
        raise BagError(
            f"{path} holds only derained images: give the rainy bag and then this one, or name the "
            "topics with --topics and --derained."
        )


def _in_either_transport(topics: Sequence[BagTopic], names: Names) -> Stereo | None:
    """Return the topics of these names, raw or compressed: the node may turn one into the other."""
    images = {topic.name: topic for topic in topics if topic.message_type in IMAGE_TYPES}
    for suffix in ("", COMPRESSED_SUFFIX):
        left, right = (f"{base_name(name)}{suffix}" for name in names)
        if left in images and right in images:
            return images[left], images[right]
    return None
