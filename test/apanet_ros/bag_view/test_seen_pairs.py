from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_core.streaming.pairing import Side
from apanet_ros.bag_view.seen_pairs import open_pairs, spread
from apanet_ros.errors import BagError

A_DAY_NS = 86_400_000_000_000


def invert(left, right):
    return 255 - left, 255 - right


def seen(bags, side=Side.LEFT, numbers=None, names=None, derained=None):
    with open_pairs(bags, side, names, derained, lambda: invert) as pairs:
        wanted = range(len(pairs.stamps)) if numbers is None else numbers
        return list(pairs.pairs(list(wanted)))


def check_all(found, count=5):
    assert len(found) == count
    for pair in found:
        np.testing.assert_array_equal(pair.derained, 255 - pair.rainy)
    assert len({pair.stamp_ns for pair in found}) == count
    assert all(pair.time_ns == pair.stamp_ns for pair in found)


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("side", Side)
def test_one_bag_of_both(record_views, storage, side):
    check_all(seen([record_views("both", storage=storage)], side))


@pytest.mark.parametrize("names", ["/stereo/derained/{}/image_rect", "/stereo/{}/image_rect"])
def test_two_bags_also_where_derained_images_took_the_originals_names(record_views, names):
    rainy, derained = (
        record_views("rainy", derained=""),
        record_views("out", rainy="", derained=names),
    )

    check_all(seen([rainy, derained]))


@pytest.mark.parametrize("side", Side)
def test_rainy_images_alone_are_derained_on_the_way(record_views, side):
    check_all(seen([record_views("rainy", derained="")], side))


def test_topics_may_be_named(record_views):
    bag = record_views("bag", rainy="/a/{}", derained="/b/{}")

    names, derained = ("/a/left", "/a/right"), ("/b/left", "/b/right")

    check_all(seen([bag], names=names, derained=derained))


def test_single_pairs_are_sought(record_views):
    bag = record_views("both", count=20)

    (pair,) = seen([bag], numbers=[13])

    assert pair.rainy[0, -1, 0] == 40 + 130
    np.testing.assert_array_equal(pair.derained, 255 - pair.rainy)


def test_what_cannot_be_read_is_left_out(record_views):
    check_all(seen([record_views("both", damaged=frozenset({2}))]), 4)


def test_smaller_outputs_are_brought_to_the_size_of_their_inputs(record_views):
    for pair in seen([record_views("both", half=True)]):
        assert pair.derained.shape == pair.rainy.shape


def test_a_bag_of_derained_images_asks_for_the_rainy_one(record_views):
    with pytest.raises(BagError, match=r"derained holds only derained images: give the rainy bag"):
        seen([record_views("derained", rainy="")])


def test_a_second_bag_of_another_camera_is_named(record_views):
    rainy = record_views("rainy", derained="")
    other = record_views("other", rainy="", derained="/front/{}/image")

    with pytest.raises(BagError, match=r"other holds no /stereo/derained/left/image_rect, the"):
        seen([rainy, other])


def test_recordings_of_other_times_are_told(record_views, tmp_path, image_bytes):
    from apanet_ros.bags.stereo_bag import IMAGE_TYPE
    from apanet_ros.bags.writer import BagWriter

    with BagWriter(tmp_path / "later") as bag:
        for view in ("left", "right"):
            bag.add_topic(f"/stereo/{view}/image_rect", IMAGE_TYPE)
            bag.write(
                f"/stereo/{view}/image_rect", 5, image_bytes(np.zeros((8, 8, 3), np.uint8), 5)
            )

    with pytest.raises(BagError, match=r"belongs to one of .* are both of one recording"):
        seen([record_views("rainy", derained=""), tmp_path / "later"])


@pytest.mark.parametrize("lag", [A_DAY_NS, 110 * 100_000_000])
def test_derained_images_may_be_recorded_much_later(record_views, lag):
    check_all(seen([record_views("both", count=120, lag=lag)]), 120)


def test_many_images_of_one_stamp_pair_in_turn(tmp_path, image_bytes):
    from apanet_ros.bags.stereo_bag import IMAGE_TYPE
    from apanet_ros.bags.writer import BagWriter

    sides = ("left", "right", "derained/left", "derained/right")
    with BagWriter(tmp_path / "unstamped") as bag:
        for side in sides:
            bag.add_topic(f"/{side}/image", IMAGE_TYPE)
        for late, (side, number) in enumerate((side, n) for side in sides for n in range(120)):
            level = 255 - number if side.startswith("derained") else number
            view = np.full((4, 4, 3), level, np.uint8)
            bag.write(f"/{side}/image", late, image_bytes(view, 0))

    found = seen([tmp_path / "unstamped"])

    assert [pair.rainy[0, 0, 0] for pair in found] == list(range(120))
    assert all((pair.derained == 255 - pair.rainy).all() for pair in found)


@pytest.mark.parametrize(
    ("count", "wanted", "numbers"),
    [(5, 0, [0, 1, 2, 3, 4]), (2, 6, [0, 1]), (10, 2, [2, 7]), (9, 3, [1, 4, 7])],
)
def test_numbers_are_spread_evenly(count, wanted, numbers):
    assert spread(count, wanted) == numbers
