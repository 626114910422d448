from __future__ import annotations

import pytest

pytest.importorskip("rosbags")

from apanet_ros.bags.reader import BagTopic
from apanet_ros.bags.stereo_index import pair_stamps
from apanet_ros.bags.stereo_topics import (
    camera_info_of,
    derained_names,
    find_stereo_topics,
    named_topics,
)
from apanet_ros.errors import BagError


def topics(*names: str) -> list[BagTopic]:
    return [
        BagTopic(
            name,
            f"sensor_msgs/msg/{'CompressedImage' if name.endswith('compressed') else 'Image'}",
            5,
            (),
        )
        for name in names
    ]


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["/l/image", "/left/image_rect", "/right/image_rect"], "/left/image_rect"),
        (
            ["/left/image_raw", "/right/image_raw", "/left/image_rect", "/right/image_rect"],
            "/left/image_rect",
        ),
        (["/cam0/image_raw", "/cam1/image_raw"], "/cam0/image_raw"),
        (["/infra1/image_rect_raw", "/infra2/image_rect_raw"], "/infra1/image_rect_raw"),
        (
            ["/left/image_rect/compressed", "/right/image_rect/compressed"],
            "/left/image_rect/compressed",
        ),
        (
            [
                f"/s/{part}/image_rect"
                for part in ("left", "right", "derained/left", "derained/right")
            ],
            "/s/left/image_rect",
        ),
    ],
)
def test_cameras_are_found_by_their_names(names, left):
    assert find_stereo_topics(topics(*names))[0].name == left


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("/fisheye1/image_raw", "/fisheye2/image_raw"),
        ("/camera/infra1/image_rect_raw", "/camera/infra2/image_rect_raw"),
        ("/cam_1/image_raw", "/cam_2/image_raw"),
        ("/cam_L/image_raw", "/cam_R/image_raw"),
        ("/cam-l/image", "/cam-r/image"),
        ("/stereo/l/image_raw", "/stereo/r/image_raw"),
        ("/cam0/image_raw", "/cam1/image_raw"),
        ("/camera_0/image", "/camera_1/image"),
        ("/kitti/image_02", "/kitti/image_03"),
        ("/image_00/data", "/image_01/data"),
        ("/LeftCamera/image", "/RightCamera/image"),
        ("/oak/left_image", "/oak/right_image"),
        ("/camL/image", "/camR/image"),
        ("/camera/0/image", "/camera/1/image"),
    ],
)
def test_drivers_tell_their_cameras_apart_in_many_ways(left, right):
    for order in ((left, right), (right, left)):
        found = find_stereo_topics(topics(*order, "/odom/image", "/camera/depth/image"))
        assert [topic.name for topic in found] == [left, right]


def test_a_camera_of_two_named_views_goes_before_numbered_cameras():
    names = [f"/camera1/{part}/image_raw" for part in ("left", "right", "color")]
    found = find_stereo_topics(topics(*names, "/camera2/color/image_raw"))
    assert [topic.name for topic in found] == names[:2]


@pytest.mark.parametrize("transport", ["", "/compressed", "/compressedDepth", "/zstd", "/theora"])
def test_the_camera_info_lies_beside_the_image(transport):
    assert camera_info_of(f"/left/image_raw{transport}") == "/left/camera_info"


def test_of_three_cameras_the_first_two_are_the_pair():
    found = find_stereo_topics(topics("/cam0/image_raw", "/cam1/image_raw", "/cam2/image_raw"))
    assert [topic.name for topic in found] == ["/cam0/image_raw", "/cam1/image_raw"]


@pytest.mark.parametrize("other", ["compressedDepth", "zstd", "theora"])
@pytest.mark.parametrize("count", [0, 5])
def test_compressed_goes_before_other_transports_and_what_holds_nothing(other, count):
    known = topics(*(f"/{side}/image_raw/compressed" for side in ("left", "right")))
    known += [
        BagTopic(f"/{side}/image_raw/{other}", "sensor_msgs/msg/CompressedImage", count, ())
        for side in ("left", "right")
    ]
    known += [
        BagTopic(f"/{side}/image_raw", "sensor_msgs/msg/Image", 0, ()) for side in ("left", "right")
    ]
    assert find_stereo_topics(known)[0].name == "/left/image_raw/compressed"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["/camera/image"], "No left and right image topic found: name them with --topics"),
        (
            ["/a/left/image", "/a/right/image", "/b/left/image", "/b/right/image"],
            "Several stereo cameras fit: .* /a/left/image, /a/right/image",
        ),
    ],
)
def test_other_names_are_asked_for(names, sentence):
    with pytest.raises(BagError, match=sentence):
        find_stereo_topics(topics(*names))


def test_one_topic_cannot_be_both_cameras():
    known = topics("/a/left", "/a/right")

    assert [topic.name for topic in named_topics(known, ("/a/right", "/a/left"))] == [
        "/a/right",
        "/a/left",
    ]
    with pytest.raises(BagError, match=r"/a/left cannot be both cameras: name .*: /a/left, /a/rig"):
        named_topics(known, ("/a/left", "/a/left"))


@pytest.mark.parametrize(
    ("left", "right", "derained"),
    [
        (
            "/stereo/left/image_rect",
            "/stereo/right/image_rect",
            "/stereo/derained/left/image_rect",
        ),
        ("/left/image_rect", "/right/image_rect", "/derained/left/image_rect"),
        (
            "/cam0/image_raw/compressed",
            "/cam1/image_raw/compressed",
            "/derained/cam0/image_raw/compressed",
        ),
        ("/stereo/left_image", "/stereo/right_image", "/stereo/derained/left_image"),
    ],
)
def test_derained_topics_are_called_as_the_node_calls_them(left, right, derained):
    assert derained_names(left, right)[left] == derained


def test_the_last_pair_is_not_waited_for():
    from apanet_core.streaming.pairing import Side

    frames = [(Side.LEFT, 0, 0), (Side.RIGHT, 3, 0), (Side.LEFT, 100, 1), (Side.RIGHT, 103, 1)]

    assert pair_stamps(frames, 10) == [(0, 0), (1, 1)]
