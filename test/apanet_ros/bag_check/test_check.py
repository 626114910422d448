"""Bags that are healthy, or ill in one way each: what `apanet check-bag` says, and advises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.check import BagCheck, UnfitError, check_bag
from apanet_ros.bags.image_messages import deserialize_image
from apanet_ros.bags.reader import BagReader
from apanet_ros.errors import BagError
from apanet_ros.parameters import NodeOptions
from apanet_ros.stereo.stereo_input import StereoInput

START = 1_700_000_000_000_000_000
STEP = 100_000_000
MILLISECOND = 1_000_000
LEFT, RIGHT = "/stereo/left/image_rect", "/stereo/right/image_rect"


def steady(number: int) -> int:
    return START + number * STEP


def later(milliseconds: float):
    return lambda number: steady(number) + round(milliseconds * MILLISECOND)


def rows_down(pictures: Any, rows: int) -> Any:
    left, right = pictures
    return left, np.roll(right, rows, axis=0)


@pytest.fixture
def pictures() -> Any:
    from skimage import data

    left, right, _ = data.stereo_motorcycle()
    return left[100:350, :354], right[100:350, 31:385]


def pairs_live(check: BagCheck) -> int:
    """How many pairs the node makes of the bag with the parameters that are advised."""
    options = NodeOptions(**check.verdict.parameters)
    pairs: list[Any] = []
    stereo = StereoInput(options.input_options, pairs.append, lambda: 0.0, print)
    sides = {check.survey.cameras[side].topic.name: side for side in Side}
    with BagReader(check.survey.path) as reader:
        for message in reader.messages(sides):
            stereo.take_image(sides[message.topic], deserialize_image(message))
    return len(pairs)


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_a_healthy_bag_is_fit_and_needs_nothing_but_its_size(record, storage) -> None:
    check = check_bag(record(storage=storage))

    assert check.verdict.fit
    assert check.verdict.warnings == []
    assert check.verdict.parameters == {"image_width": 354, "image_height": 250}
    assert (len(check.pairing.pairs), pairs_live(check)) == (6, 6)
    assert check.looks.row_offset < 0.5
    assert check.looks.disparity > 10


def test_few_pictures_are_decoded(record, monkeypatch) -> None:
    from apanet_ros.bag_check import looks

    decoded = []
    decode = looks.decode_image
    monkeypatch.setattr(
        looks, "decode_image", lambda message: (decoded.append(message), decode(message))[1]
    )

    check_bag(record(count=20))

    assert len(decoded) == 2 * looks.LOOKS


def test_compressed_images_are_asked_for_as_such(record) -> None:
    names = (f"{LEFT}/compressed", f"{RIGHT}/compressed")
    check = check_bag(record(compressed="jpeg", names=names))

    assert check.verdict.fit
    assert check.verdict.parameters["input_transport"] == "compressed"
    assert dict(check.survey.cameras[Side.LEFT].formats) == {"JPEG": 6}


def test_a_constant_skew_is_an_offset(record) -> None:
    check = check_bag(record(stamps=(steady, later(20))))

    assert check.verdict.fit
    assert check.verdict.parameters["right_time_offset_ms"] == -20.0
    assert "differ from the left one's by 20.0 ms throughout" in check.verdict.warnings[0]
    assert (len(check.pairing.pairs), pairs_live(check)) == (6, 6)


def test_clocks_that_differ_by_seconds_are_told_by_the_time_of_recording(record) -> None:
    check = check_bag(record(stamps=(steady, later(3230)), times=(steady, later(2)), count=8))

    assert check.verdict.parameters["right_time_offset_ms"] == -3230.0
    assert pairs_live(check) == 8


def test_skews_that_vary_are_a_slop(record) -> None:
    skews = (-24, 24, -24, 24, -24, 24)
    check = check_bag(record(stamps=(steady, lambda n: later(skews[n])(n))))

    assert check.verdict.fit
    assert check.verdict.parameters["slop"] == pytest.approx(0.024)
    assert ["up to 24 ms apart" in warning for warning in check.verdict.warnings] == [True]
    assert (len(check.pairing.pairs), pairs_live(check)) == (6, 6)


def test_a_camera_that_is_recorded_much_later_needs_a_queue(record) -> None:
    check = check_bag(record(count=25, times=(steady, later(1550))))

    assert check.verdict.parameters["queue_size"] == 100
    assert pairs_live(check) == 25


def test_rates_that_differ_are_told(record) -> None:
    check = check_bag(record(stamps=(steady, lambda n: START + n * STEP // 2), counts=(5, 10)))

    assert check.verdict.fit
    assert "left camera runs at 10.00 Hz and the right one at 20.00 Hz" in check.verdict.warnings[0]
    assert len(check.pairing.pairs) == pairs_live(check) == 5


def test_camera_infos_of_two_frames_are_told(record, tmp_path) -> None:
    from apanet_ros.bags.writer import BagWriter

    with BagReader(record()) as source, BagWriter(tmp_path / "frames") as bag:
        for topic in source.topics:
            bag.copy_topic(topic)
        for message in source.messages([topic.name for topic in source.topics]):
            data = message.serialized
            if message.topic == "/stereo/right/camera_info":
                data = data.replace(b"camera\0", b"camerb\0")
            bag.write(message.topic, message.time_ns, data)

    (warning,) = check_bag(tmp_path / "frames").verdict.warnings
    assert "names the frame camera and the right one camerb" in warning


def test_over_a_minute_without_an_image_is_told(record) -> None:
    def pauses(number: int) -> int:
        return steady(number) + (number >= 2) * 90_000 * MILLISECOND + (number >= 4) * 7200 * 10**9

    check = check_bag(record(times=(pauses, pauses)))

    assert check.verdict.warnings == [
        "No image was recorded for 2 h from 2023-11-14 22:14:50 UTC on, and 1 times more for over "
        "a minute: `apanet replay` waits that long where no other topic goes on, and --skip-gaps "
        "lets it skip that."
    ]


def test_a_first_log_time_of_zero_is_told(record, tmp_path) -> None:
    from apanet_ros.bags.writer import BagWriter

    with BagReader(record()) as source, BagWriter(tmp_path / "joined") as bag:
        for topic in source.topics:
            bag.copy_topic(topic)
        bag.add_topic("/words", "std_msgs/msg/String")
        bag.write("/words", 0, bytes(12))
        for message in source.messages([topic.name for topic in source.topics]):
            bag.write(message.topic, message.time_ns, message.serialized)

    check = check_bag(tmp_path / "joined")

    assert check.verdict.fit
    (warning,) = check.verdict.warnings
    assert "No image was recorded for 54 years from 1970-01-01 00:00:00 UTC on: " in warning


def test_gaps_and_stamps_that_go_back_are_told(record) -> None:
    order = (0, 1, 2, 7, 8, 3, 4, 5)
    check = check_bag(
        record(stamps=(lambda n: steady(order[n]),) * 2, times=(steady, steady), count=8)
    )

    first, second, *_ = check.verdict.warnings
    assert f"{LEFT} has 1 gaps, the longest 500 ms, in which about 4 images are missing" in first
    assert f"Stamps of {LEFT} go back 1 times, by up to 500 ms" in second
    assert check.pairing.possible == 8


def test_cameras_that_never_agree_are_unfit(record) -> None:
    check = check_bag(record(stamps=(steady, lambda n: steady(n) + n * 37 * STEP)))

    (reason,) = check.verdict.reasons
    assert reason.startswith(f"Only 1 of 6 images of {LEFT} and {RIGHT} pair, whatever the slop")
    assert "trigger the cameras together" in reason


def test_rows_apart_without_a_calibration_that_mends_it_are_unfit(record, pictures) -> None:
    check = check_bag(record(pictures=rows_down(pictures, 6)))

    (reason,) = check.verdict.reasons
    assert "lie 6.0 rows from those of the right one, and 6.0 once rectified" in reason


def test_rows_apart_that_the_camera_infos_mend_set_rectify(record, pictures) -> None:
    def lowered(left: Any, right: Any) -> None:
        right.k[5] += 6

    names = "/cam0/image_raw", "/cam1/image_raw"
    check = check_bag(record(pictures=rows_down(pictures, 6), infos=lowered, names=names))

    assert check.verdict.fit
    assert check.verdict.parameters["rectify"] is True
    assert any("`apanet derain` does not" in warning for warning in check.verdict.warnings)


RAW_NAMES = "/kitti/left/image_raw", "/kitti/right/image_raw"


def test_rectified_images_on_a_raw_topic_with_the_raw_camera_info_are_left_alone(record) -> None:
    def of_the_raw_images(left: Any, right: Any) -> None:
        for info in (left, right):
            info.d = [-0.37, 0.2, 0.002, 0.001, -0.07]
            info.k[0], info.k[4], info.k[5] = 1.3 * info.k[0], 1.3 * info.k[4], 1.1 * info.k[5]
        right.k[5] += 9

    check = check_bag(record(infos=of_the_raw_images, names=RAW_NAMES))

    assert check.looks.rectified_offset > 2
    assert check.verdict.fit
    assert "rectify" not in check.verdict.parameters
    assert check.verdict.warnings == []


def zeroed(info: Any) -> None:
    info.k, info.r, info.p, info.d = [0.0] * 9, [0.0] * 9, [0.0] * 12, []


def only_p(info: Any) -> None:
    info.k, info.r, info.d = [0.0] * 9, [0.0] * 9, []


def binned_once(info: Any) -> None:
    info.binning_x = 2


def garbage(info: Any) -> None:
    info.k = [1e-3, 0.0, 7.0, 0.0, 3e5, -2.0, 0.0, 0.0, 1.0]
    info.d = [3.0, -8.0, 2.0, 5.0, 1.0]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (zeroed, "The camera_info has no focal length in K: calibrate the camera."),
        (only_p, "The camera_info has no focal length in K: calibrate the camera."),
        (binned_once, "The camera_info with its binning of 2 x 1 is for 177 x 250, the image 354"),
        (garbage, "K has a focal length of 0.0 px for images 354 px wide, which no usual lens has"),
    ],
)
def test_camera_infos_that_cannot_rectify_are_named_and_rectify_is_not_advised(
    record, pictures, spoil, problem
) -> None:
    def spoiled(left: Any, right: Any) -> None:
        spoil(left)
        spoil(right)

    check = check_bag(record(pictures=rows_down(pictures, 6), infos=spoiled, names=RAW_NAMES))

    (reason,) = check.verdict.reasons
    assert "rows from those of the right one, and the camera_infos do not serve to rect" in reason
    assert f"/kitti/left/camera_info: {problem}" in reason
    assert "rectify" not in check.verdict.parameters
    assert not any("rectify to true" in warning for warning in check.verdict.warnings)


@pytest.mark.parametrize("spoil", [zeroed, only_p, binned_once, garbage])
def test_rows_that_fit_need_no_camera_info(record, spoil) -> None:
    check = check_bag(record(infos=lambda left, _: spoil(left), names=RAW_NAMES))

    assert check.verdict.fit
    assert "rectify" not in check.verdict.parameters
    assert not any("rectif" in warning for warning in check.verdict.warnings)


def test_a_calibration_as_a_driver_sends_it_sets_rectify(record, pictures) -> None:
    def as_orbbec(left: Any, right: Any) -> None:
        left.d = right.d = [-0.03, 0.035, -0.0001, -0.0001, -0.012, 0.0, 0.0, 0.0]
        right.k[5] += 6

    check = check_bag(record(pictures=rows_down(pictures, 6), infos=as_orbbec, names=RAW_NAMES))

    assert check.verdict.fit
    assert check.verdict.parameters["rectify"] is True
    assert check.looks.rectified_offset < 1


def test_exchanged_views_are_unfit(record, pictures) -> None:
    check = check_bag(record(pictures=pictures[::-1]))

    assert "left and right are exchanged: give --topics the other way" in check.verdict.reasons[0]


def test_views_of_two_sizes_are_unfit(record, pictures) -> None:
    check = check_bag(record(pictures=(pictures[0], pictures[1][:200])))

    assert check.verdict.reasons == [
        "Left is 354 x 250, right 354 x 200: both must have one size, so rectify them alike."
    ]


def test_damaged_images_are_counted_and_told(record) -> None:
    check = check_bag(record(damaged=frozenset({1, 3})))

    assert check.verdict.fit
    assert check.survey.cameras[Side.RIGHT].damaged == 2
    assert f"2 of 6 images of {RIGHT} cannot be read" in check.verdict.warnings[0]
    assert "The message is damaged" in check.verdict.warnings[0]


def test_a_bag_most_of_which_cannot_be_read_is_unfit(record) -> None:
    check = check_bag(record(damaged=frozenset({0, 1, 2, 3})))

    assert f"Only 2 of 6 images of {RIGHT} can be read: The message" in check.verdict.reasons[0]


def test_nothing_but_damage_is_unfit(record) -> None:
    check = check_bag(record(damaged=frozenset(range(6))))

    assert f"No image of {RIGHT} can be read: The message is damaged" in check.verdict.reasons[0]


def test_an_unknown_encoding_is_unfit_and_named(record) -> None:
    check = check_bag(record(encoding="32FC3"))

    assert "The encoding '32FC3' is not supported" in check.verdict.reasons[0]


def test_an_unknown_codec_is_unfit_and_named(record) -> None:
    check = check_bag(record(compressed="h264"))

    assert "(format 'h264', 200 bytes) is neither JPEG nor PNG: let" in check.verdict.reasons[0]


def test_missing_camera_infos_are_told_and_not_waited_for(record) -> None:
    check = check_bag(record(camera_infos=False))

    assert check.verdict.fit
    assert check.verdict.parameters["camera_info"] == "none"
    assert "There is no camera_info on /stereo/left/camera_info" in check.verdict.warnings[0]


def test_a_camera_info_topic_of_another_type_is_told(record) -> None:
    check = check_bag(record(info_type="std_msgs/msg/String"))

    assert "/stereo/left/camera_info holds std_msgs/msg/String" in check.verdict.warnings[0]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (lambda _, right: right.p.__setitem__(3, 96.0), "lies 0.193 m left of the left one"),
        (lambda _, right: right.p.__setitem__(3, -96e3), "The baseline is 192.965 m by P"),
        (lambda _, right: right.p.__setitem__(3, 0.0), "holds no baseline"),
        (lambda _, right: right.p.__setitem__(6, 190.0), "differs in its second row"),
        (lambda left, _: setattr(left, "p", [0.0] * 12), "P on /stereo/left/camera_info is"),
        (lambda left, _: setattr(left, "height", 300), "The camera_info is for 354 x 300"),
    ],
)
def test_calibrations_that_are_hard_to_believe_are_told(record, change, warning) -> None:
    check = check_bag(record(infos=change))

    assert check.verdict.fit
    assert any(warning in sentence for sentence in check.verdict.warnings), check.verdict.warnings


def test_one_camera_only_is_unfit(record) -> None:
    with pytest.raises(UnfitError, match="No left and right image topic found: name them"):
        check_bag(record(names=("/stereo/left/image_rect", "/stereo/rear/image_rect")))


def test_a_camera_without_images_is_unfit(record) -> None:
    with pytest.raises(UnfitError, match=f"{RIGHT} holds no image: was its camera running"):
        check_bag(record(counts=(6, 0)))


def test_named_topics_that_are_missing_are_an_error(record) -> None:
    with pytest.raises(BagError, match="The bag has no image topic /left: name them"):
        check_bag(record(), ("/left", "/right"))
