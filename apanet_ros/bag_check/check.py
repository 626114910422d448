"""The check from beginning to end: read once, pair, look at a few pairs, judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.looks import Looks, look_at_pairs
from apanet_ros.bag_check.pairing_advice import Pairing, advise_pairing
from apanet_ros.bag_check.survey import BagSurvey, check_that_images_exist, survey_bag
from apanet_ros.bag_check.verdict import Verdict, judge
from apanet_ros.bags.reader import BagReader, BagTopic
from apanet_ros.bags.side_by_side import open_stereo_bag
from apanet_ros.bags.stereo_topics import find_stereo_topics, named_topics
from apanet_ros.errors import BagError


class UnfitError(BagError):
    """There are no two cameras to check; the sentence says why, and what to do."""


@dataclass(frozen=True)
class BagCheck:
    """All that was found, and the verdict."""

    survey: BagSurvey
    pairing: Pairing
    looks: Looks
    verdict: Verdict


def check_bag(path: Path, names: tuple[str, str] | None = None, side_by_side: str = "") -> BagCheck:
    """Check a rosbag2; messages are read one at a time and few pictures are decoded.

    Args:
        path: of the bag.
        names: image topics, left and right; None finds them.
        side_by_side: the one topic whose images hold both views; empty where two do.

    Raises:
        UnfitError: the bag can be read and holds no two cameras.
        BagError: the bag cannot be read, or has no topics of these names.
    """
    with open_stereo_bag(path, side_by_side) as reader:
        survey = survey_bag(reader, _topics(reader, reader.views or names))
        survey.side_by_side = side_by_side
        left, right = (survey.cameras[side].stamps for side in Side)
        pairing = advise_pairing(left, right)
        looks = look_at_pairs(reader, survey, pairing.pairs)
    return BagCheck(survey, pairing, looks, judge(survey, pairing, looks))


def _topics(reader: BagReader, names: tuple[str, str] | None) -> tuple[BagTopic, BagTopic]:
    if names is not None:
        topics = named_topics(reader.topics, names)
    else:
        try:
            topics = find_stereo_topics(reader.topics)
        except BagError as error:
            raise UnfitError(str(error)) from error
    try:
        check_that_images_exist(topics)
    except BagError as error:
        raise UnfitError(str(error)) from error
    return topics
