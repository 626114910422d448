"""Real bags through `apanet derain`: what comes out is played, counted and compared."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

import rclpy.serialization
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ConfigError
from apanet_core.recordings.inputs import find_recordings
from apanet_core.recordings.job import Job
from apanet_core.recordings.tally import Tally
from apanet_ros.bags import derain as module
from apanet_ros.bags.derain import PARTNER_UNREADABLE, UNPAIRED, UNREADABLE, derain_bag
from apanet_ros.bags.image_messages import decode_image
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.stereo_bag import IMAGE_TYPE
from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
from apanet_ros.bags.writer import BagWriter
from apanet_ros.errors import BagError
from apanet_ros.image_conversion import write_compressed, write_rgb

START = 1_700_000_000_000_000_000
STEP = 100_000_000
LEFT, RIGHT = "/stereo/left/image_rect", "/stereo/right/image_rect"
DERAINED_LEFT = "/stereo/derained/left/image_rect"
CUSTOM = "robot_msgs/msg/Whatever"


@pytest.fixture(autouse=True)
def inverter(monkeypatch):
    """An exact, fast stand-in for the network; it stops where `stop_after` says."""

    class Inverter:
        calls = 0
        stop_after = None

        def derain(self, left, right):
            if self.calls == self.stop_after:
                raise KeyboardInterrupt
            self.calls += 1
            if left.shape != right.shape:
                from apanet_core.errors import ImageError

                raise ImageError("The views differ in size.")
            return 255 - left, 255 - right

    inverter = Inverter()
    monkeypatch.setattr(module, "derainer_of", lambda *_: inverter)
    return inverter


def picture(seed: int, size: tuple[int, int] = (16, 24)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


def image(
    seed: int,
    stamp: int,
    encoding: str = "bgr8",
    compressed: bool = False,
    size: tuple[int, int] = (16, 24),
) -> bytes:
    from sensor_msgs.msg import Image

    like = Image(encoding=encoding)
    like.header.stamp.sec, like.header.stamp.nanosec = divmod(stamp, 1_000_000_000)
    like.header.frame_id = "camera"
    message = (
        write_compressed(picture(seed, size), "same", like, "png", 90)
        if compressed
        else write_rgb(picture(seed, size), "same", like)
    )
    return bytes(rclpy.serialization.serialize_message(message))


@pytest.fixture
def make_bag(tmp_path):
    """Write a bag of pairs, a camera_info each, a topic of text and one of an unknown type."""

    def make(name="bag", count=4, storage="mcap", compressed=False, broken=(), skew=1000, large=()):
        suffix, kind = ("/compressed", COMPRESSED_TYPE) if compressed else ("", IMAGE_TYPE)
        with BagWriter(tmp_path / name, storage) as bag:
            bag.add_topic(LEFT + suffix, kind)
            bag.add_topic(RIGHT + suffix, kind)
            bag.add_topic("/stereo/left/camera_info", "sensor_msgs/msg/CameraInfo")
            bag.add_topic("/words", "std_msgs/msg/String")
            string = bag.typestore.types["std_msgs/msg/String"]
            for number in range(count):
                stamp = START + number * STEP
                like = {"compressed": compressed, "size": (32, 40) if number in large else (16, 24)}
                left = image(2 * number, stamp, **like)
                right = image(2 * number + 1, stamp + skew, **like)
                bag.write(LEFT + suffix, stamp, left)
                bag.write_message("/words", stamp + 10, string(f"word {number}"))
                if number in broken:
                    right = right[:40]
                bag.write(RIGHT + suffix, stamp + 20, right)
                bag.write("/stereo/left/camera_info", stamp + 30, b"\0\1\0\0information")
        return tmp_path / name

    return make


def job(bag, **options) -> Job:
    return Job(find_recordings([str(bag)])[0], bag.parent / "out", **options)


def messages(bag):
    """All messages by topic: (time, bytes)."""
    found: dict[str, list[tuple[int, bytes]]] = {}
    with BagReader(bag) as reader:
        for message in reader.messages({topic.name for topic in reader.topics}):
            found.setdefault(message.topic, []).append((message.time_ns, message.serialized))
    return found


def pixels(bag, topic):
    with BagReader(bag) as reader:
        return [decode_image(message) for message in reader.messages([topic])]


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compressed", [False, True])
def test_derained_images_go_beside_and_all_else_is_copied(tmp_path, make_bag, storage, compressed):
    bag = make_bag(storage=storage, compressed=compressed)

    assert derain_bag(job(bag)) == Tally(derained=4)

    before, after = messages(bag), messages(tmp_path / "out")
    for topic, recorded in before.items():
        assert after[topic] == recorded
    assert after["/stereo/derained/left/camera_info"] == before["/stereo/left/camera_info"]
    suffix = "/compressed" if compressed else ""
    derained = pixels(tmp_path / "out", DERAINED_LEFT + suffix)
    for number, (message, rgb) in enumerate(derained):
        np.testing.assert_array_equal(rgb, 255 - picture(2 * number))
        stamp = message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec
        assert stamp == START + number * STEP
        assert message.header.frame_id == "camera"
        assert isinstance(message, CompressedImage) == compressed
    times = [time for time, _ in after[DERAINED_LEFT + suffix]]
    assert times == [time for time, _ in before[LEFT + suffix]]
    with BagReader(tmp_path / "out") as reader:
        assert reader.storage == storage


def test_derained_images_may_take_the_place_of_the_originals(tmp_path, make_bag):
    bag = make_bag()

    derain_bag(job(bag, instead=True))

    assert set(messages(tmp_path / "out")) == set(messages(bag))
    for number, (message, rgb) in enumerate(pixels(tmp_path / "out", RIGHT)):
        np.testing.assert_array_equal(rgb, 255 - picture(2 * number + 1))
        assert message.encoding == "bgr8"


def test_messages_keep_their_order(tmp_path, make_bag, monkeypatch):
    monkeypatch.setattr(module, "PIECE_PAIRS", 2)

    derain_bag(job(make_bag(count=5), instead=True))

    with BagReader(tmp_path / "out") as reader:
        topics = {topic.name for topic in reader.topics}
        times = [message.time_ns for message in reader.messages(topics)]
    assert all(before <= after for before, after in pairwise(times))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "metadata.yaml",
        *(f"out_{number}.mcap" for number in range(3)),
    ]


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_an_interrupted_run_goes_on_and_gives_the_same(
    tmp_path, make_bag, inverter, monkeypatch, storage
):
    monkeypatch.setattr(module, "PIECE_PAIRS", 2)
    bag = make_bag(count=5, storage=storage)
    derain_bag(Job(find_recordings([str(bag)])[0], tmp_path / "whole"))
    inverter.calls, inverter.stop_after = 0, 3

    with pytest.raises(KeyboardInterrupt):
        derain_bag(job(bag))
    assert not (tmp_path / "out").exists()
    inverter.stop_after = None

    assert derain_bag(job(bag)) == Tally(derained=5)
    assert inverter.calls == 3 + 3  # Two pairs were whole.
    assert messages(tmp_path / "out") == messages(tmp_path / "whole")


@pytest.mark.parametrize("instead", [False, True])
def test_a_corrupt_message_is_counted_told_and_copied(tmp_path, make_bag, instead):
    bag = make_bag(broken={1})

    tally = derain_bag(job(bag, instead=instead))

    assert tally.derained == 3
    assert dict(tally.problems) == {UNREADABLE: 1, PARTNER_UNREADABLE: 1}
    assert f"{RIGHT} at {START + STEP + 20} ns: The message is damaged" in tally.examples[0]
    before, after = messages(bag), messages(tmp_path / "out")
    assert after[RIGHT][1] == before[RIGHT][1]
    assert after[LEFT][1] == before[LEFT][1]
    if not instead:
        assert len(after[DERAINED_LEFT]) == 3


def test_images_without_a_partner_are_copied(tmp_path, make_bag):
    bag = make_bag(count=3, skew=1000)
    with BagReader(bag) as reader, BagWriter(tmp_path / "odd") as odd:
        for topic in reader.topics:
            odd.copy_topic(topic)
        for message in reader.messages({topic.name for topic in reader.topics}):
            if message.topic != RIGHT or message.time_ns < START + STEP:
                odd.write(message.topic, message.time_ns, message.serialized)

    tally = derain_bag(job(tmp_path / "odd", instead=True))

    assert (tally.derained, dict(tally.problems)) == (1, {UNPAIRED: 2})
    assert messages(tmp_path / "out")[LEFT][1:] == messages(bag)[LEFT][1:]


def test_a_type_that_nobody_here_knows_is_copied(tmp_path, make_bag):
    with BagReader(make_bag()) as reader, BagWriter(tmp_path / "custom") as custom:
        for topic in reader.topics:
            custom.copy_topic(topic)
        custom._connections["/custom"] = custom._writer.add_connection(
            "/custom", CUSTOM, msgdef="uint8 number\n", rihs01="RIHS01_" + "a" * 64
        )
        custom.write("/custom", START, b"\0\1\0\0\7")
        for message in reader.messages({topic.name for topic in reader.topics}):
            custom.write(message.topic, message.time_ns, message.serialized)

    derain_bag(job(tmp_path / "custom"))

    assert messages(tmp_path / "out")["/custom"] == [(START, b"\0\1\0\0\7")]
    with BagReader(tmp_path / "out") as reader:
        (topic,) = (topic for topic in reader.topics if topic.name == "/custom")
        assert (topic.message_type, topic.definition) == (CUSTOM, "uint8 number\n")


@pytest.mark.parametrize("name", ["look", "look.mp4"])
def test_a_comparison_is_written(tmp_path, make_bag, name):
    derain_bag(job(make_bag(), compare=tmp_path / name))

    if name == "look":
        assert len(list((tmp_path / name).iterdir())) == 4
    else:
        from apanet_core.recordings.videos import VideoReader

        with VideoReader(tmp_path / name) as video:
            assert (len(list(video.frames())), video.fps) == (4, 10.0)


def test_a_comparison_fits_pairs_of_another_size(tmp_path, make_bag):
    from apanet_core.recordings.videos import VideoReader

    tally = derain_bag(job(make_bag(large=(2,)), compare=tmp_path / "look.mp4"))

    assert tally.sentence() == (
        "4 pairs derained; comparison: 1 frame fitted onto the size of the first"
    )
    with VideoReader(tmp_path / "look.mp4") as video:
        assert len(list(video.frames())) == 4


def test_a_bag_whose_recording_was_not_finished_is_derained_so_far_and_told(make_bag, caplog):
    bag = make_bag()
    (bag / "metadata.yaml").unlink()

    assert derain_bag(job(bag)).derained == 4
    (said,) = {record.message for record in caplog.records}
    assert "bag has no metadata.yaml, so its recording was never finished: it is read so" in said


def test_a_half_written_bag_is_told_and_leaves_nothing(tmp_path, make_bag):
    bag = make_bag()
    content = (bag / "bag.mcap").read_bytes()
    (bag / "bag.mcap").write_bytes(content[: len(content) // 2])

    with pytest.raises(BagError, match="bag cannot be read"):
        derain_bag(job(bag))
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


def test_a_bag_without_cameras_lists_what_it_has(make_bag):
    with pytest.raises(BagError, match=f"no image topic /left: name them .*{LEFT}, {RIGHT}"):
        derain_bag(job(make_bag(), topics=("/left", "/right")))


def test_cameras_that_never_agree_in_time_are_told(make_bag):
    with pytest.raises(BagError, match=r"No image of .* pairs with one of .*check-bag"):
        derain_bag(job(make_bag(skew=50_000_000)))


@pytest.mark.parametrize("options", [{"slop_ms": 40.0}, {"right_offset_ms": -30.0}])
def test_a_slop_or_an_offset_pairs_cameras_that_differ(tmp_path, make_bag, options):
    bag = make_bag(skew=30_000_000)

    assert derain_bag(job(bag, **options)) == Tally(derained=4)
    assert messages(tmp_path / "out")[RIGHT] == messages(bag)[RIGHT]


def test_a_derained_bag_is_not_derained_beside_itself_again(tmp_path, make_bag):
    derain_bag(job(make_bag()))

    with pytest.raises(BagError, match=r"The bag holds /stereo/derained/.* already"):
        derain_bag(Job(find_recordings([str(tmp_path / "out")])[0], tmp_path / "again"))


def test_an_existing_output_is_kept(tmp_path, make_bag):
    bag = make_bag()
    derain_bag(job(bag))

    with pytest.raises(ConfigError, match="out exists; give another output, or --force"):
        derain_bag(job(bag))
    assert derain_bag(job(bag, force=True)).derained == 4


def test_force_keeps_a_bag_with_something_else_in_it(tmp_path, make_bag, inverter):
    bag = make_bag()
    derain_bag(job(bag))
    (tmp_path / "out" / "notes.txt").write_text("of the drive")
    before = inverter.calls

    with pytest.raises(ConfigError, match=r"out holds notes\.txt, which the new output does not"):
        derain_bag(job(bag, force=True))

    assert (inverter.calls, (tmp_path / "out" / "metadata.yaml").is_file()) == (before, True)


def test_a_bag_of_nothing_but_damage_leaves_nothing(tmp_path, make_bag):
    with pytest.raises(BagError, match="No pair could be derained"):
        derain_bag(job(make_bag(broken={0, 1, 2, 3})))

    assert [path.name for path in tmp_path.iterdir()] == ["bag"]
    assert derain_bag(job(make_bag("other"))).derained == 4


def test_sixteen_bits_stay_so_in_a_bag(tmp_path, monkeypatch):
    """12 bits in mono16, and a PNG of 16 bits: written back exactly by what changes nothing."""

    class Keeper:
        def derain(self, left, right):
            assert left.dtype == np.uint16
            assert left.max() > 60_000
            return left, right

    monkeypatch.setattr(module, "derainer_of", lambda *_: Keeper())
    generator = np.random.default_rng(0)
    values = generator.integers(0, 4096, (2, 16, 24), np.uint16)
    sent = {}
    with BagWriter(tmp_path / "bag", "mcap") as writer:
        for topic, samples in zip((LEFT, RIGHT), values, strict=True):
            message = Image(height=16, width=24, encoding="mono16", step=48)
            message.header.stamp.sec = START // 1_000_000_000
            message.data.frombytes(samples.tobytes())
            sent[topic] = bytes(message.data)
            writer.add_topic(topic, IMAGE_TYPE)
            writer.write(topic, START, rclpy.serialization.serialize_message(message))
    (recording,) = find_recordings([str(tmp_path / "bag")])

    assert derain_bag(Job(recording, tmp_path / "out", instead=True)).derained == 1

    with BagReader(tmp_path / "out") as reader:
        for message in reader.messages([LEFT, RIGHT]):
            image, samples = decode_image(message)
            assert image.encoding == "mono16"
            assert samples.dtype == np.uint16
            assert bytes(image.data) == sent[message.topic]


SECOND = 1_000_000_000
TIMES = {
    "one camera after the other": lambda n, side: START + (side * 60 + n) * SECOND,
    "right 20 s late": lambda n, side: START + n * STEP + side * 20 * SECOND,
    "times in whole seconds": lambda n, _: (START + n * STEP) // SECOND * SECOND,
    "halves joined": lambda n, side: START + n * STEP + (n < 20) * 100 * SECOND + side,
}


@pytest.fixture(params=TIMES)
def shuffled_bag(tmp_path, request):
    """A bag of forty pairs with equal stamps, recorded in some other order."""
    time_of = TIMES[request.param]
    rows = sorted(
        (time_of(number, side), side, number) for number in range(40) for side in range(2)
    )
    with BagWriter(tmp_path / "bag", "mcap") as bag:
        for topic in (LEFT, RIGHT):
            bag.add_topic(topic, IMAGE_TYPE)
        for time_ns, side, number in rows:
            bag.write((LEFT, RIGHT)[side], time_ns, image(2 * number + side, START + number * STEP))
    return tmp_path / "bag"


def test_images_pair_by_stamp_whatever_the_bags_order(shuffled_bag):
    tally = derain_bag(job(shuffled_bag, instead=True))

    assert (tally.derained, tally.problems) == (40, {})
    original, derained = messages(shuffled_bag), messages(shuffled_bag.parent / "out")
    for side, topic in enumerate((LEFT, RIGHT)):
        assert [time for time, _ in derained[topic]] == [time for time, _ in original[topic]]
        views = pixels(shuffled_bag.parent / "out", topic)
        stamps = [like.header.stamp.sec * SECOND + like.header.stamp.nanosec for like, _ in views]
        for stamp, (_, view) in zip(stamps, views, strict=True):
            number = (stamp - START) // STEP
            np.testing.assert_array_equal(view, 255 - picture(2 * number + side))


def test_pairs_far_apart_are_derained_once_after_an_interruption_too(
    tmp_path, inverter, monkeypatch
):
    monkeypatch.setattr(module, "PIECE_PAIRS", 5)
    with BagWriter(tmp_path / "bag", "mcap") as bag:
        for side, topic in enumerate((LEFT, RIGHT)):
            bag.add_topic(topic, IMAGE_TYPE)
            for number in range(12):
                time_ns = START + (side * 60 + number) * SECOND
                bag.write(topic, time_ns, image(2 * number + side, START + number * STEP))
    inverter.stop_after = 8
    with pytest.raises(KeyboardInterrupt):
        derain_bag(job(tmp_path / "bag"))
    inverter.stop_after = None

    tally = derain_bag(job(tmp_path / "bag"))

    assert (tally.derained, tally.problems) == (12, {})
    for side, topic in enumerate((DERAINED_LEFT, DERAINED_LEFT.replace("left", "right"))):
        views = [view for _, view in pixels(tmp_path / "out", topic)]
        for number, view in enumerate(views):
            np.testing.assert_array_equal(view, 255 - picture(2 * number + side))
        assert len(views) == 12
