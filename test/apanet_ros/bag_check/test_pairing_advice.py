from __future__ import annotations

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_ros.bag_check.pairing_advice import advise_pairing, nearest_skews
from apanet_ros.bags.stereo_index import CameraStamps

MILLISECOND = 1_000_000


def camera(*milliseconds: float, late: float = 0.0) -> CameraStamps:
    stamps = [round(each * MILLISECOND) for each in milliseconds]
    return CameraStamps(list(stamps), [stamp + round(late * MILLISECOND) for stamp in stamps])


@pytest.mark.parametrize(
    ("left", "right", "skews"),
    [
        ([0, 10, 20], [1, 9, 22], [1, -1, 2]),
        ([0, 10, 20, 30], [12, 31], [2, 1]),
        ([0], [-3, 4], [-3]),
        ([5], [7], [2]),
        ([20, 10], [11, 21], [1, 1]),
    ],
)
def test_skews_are_to_the_nearest(left, right, skews):
    assert nearest_skews(left, right) == skews


def test_defaults_stay_where_they_do():
    found = advise_pairing(camera(0, 100, 200), camera(4, 104, 204))

    assert (found.slop, found.right_offset, found.queue_size) == (10 * MILLISECOND, 0, 10)
    assert found.skews == [4 * MILLISECOND] * 3
    assert found.share == 1


def test_an_offset_is_in_tenths_of_a_millisecond():
    found = advise_pairing(camera(0, 100, 200), camera(30.27, 130.27, 230.27))

    assert found.right_offset == -303 * MILLISECOND // 10
    assert found.skews == [30_270_000] * 3


def test_a_slop_is_never_more_than_half_an_interval():
    found = advise_pairing(camera(0, 100, 200, 300), camera(-45, 145, 155, 345))

    assert found.right_offset == 0
    assert found.slop == 45 * MILLISECOND


def test_no_image_gives_no_pair():
    assert advise_pairing(camera(), camera(1, 2)).share == 0


def test_equal_stamps_pair_whatever_the_order_of_the_bag_and_get_no_offset():
    stamps = [number * 100.0 for number in range(150)]
    left, right = camera(*stamps), camera(*stamps, late=15_000)

    found = advise_pairing(left, right)

    assert (found.slop, found.right_offset) == (10 * MILLISECOND, 0)
    assert (len(found.pairs), found.live) == (150, False)


def test_a_camera_that_is_recorded_a_second_late_needs_a_longer_queue():
    stamps = [number * 50.0 for number in range(100)]

    found = advise_pairing(camera(*stamps), camera(*stamps, late=1000))

    assert (found.right_offset, found.queue_size, found.live) == (0, 100, True)


def test_equal_stamps_among_dropped_images_are_no_clock_that_differs():
    stamps = [number * 100.0 for number in range(40)]

    found = advise_pairing(camera(*stamps[:-4:2]), camera(*stamps[::3]))

    assert found.right_offset == 0
