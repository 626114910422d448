"""What the node takes and gives, over DDS: compressed images, rectification, camera_infos."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from apanet_ros.image_conversion import read_rgb, write_compressed, write_rgb
from apanet_ros.stamps import nanoseconds

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
LEFT, RIGHT = np.random.default_rng(5).integers(0, 256, (2, 48, 64, 3), np.uint8)
PASSED = {"enabled": "false"}


def stamped(message: Any, stamp: int) -> Any:
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, SECOND)
    return message


def camera_info(stamp: int, k1: float = 0.0) -> CameraInfo:
    info = CameraInfo(width=64, height=48, distortion_model="plumb_bob", d=[k1, 0.0, 0.0, 0.0])
    info.k = [50.0, 0.0, 32.0, 0.0, 50.0, 24.0, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [45.0, 0.0, 31.0, -9.0, 0.0, 45.0, 23.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return stamped(info, stamp)


def publishers(peer: Any, kind: Any, name: str) -> list[Any]:
    qos = QoSProfile(depth=50)
    return [peer.node.create_publisher(kind, f"/{side}/{name}", qos) for side in ("left", "right")]


LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def send_images(images: list[Any]) -> Any:
    def send(stamp: int) -> None:
        for publisher, view in zip(images, (LEFT, RIGHT), strict=True):
            publisher.publish(write_rgb(view, "rgb8", stamped(Image(encoding="rgb8"), stamp)))

    return send


def test_camera_infos_latched_before_the_node_was_there_arrive(start_node: Any, peer: Any) -> None:
    for side, frame in (("left", "left_optical"), ("right", "right_optical")):
        topic = f"/{side}/camera_info"
        latched = peer.node.create_publisher(CameraInfo, topic, LATCHED)
        info = camera_info(START)
        info.header.frame_id = frame
        latched.publish(info)
    images = publishers(peer, Image, "image_rect")
    out = peer.collect(CameraInfo, "/derained/right/camera_info")
    node = start_node()

    peer.send_until(send_images(images), lambda: out)

    assert out[0].p[0] == 45.0
    node.wait_for("names the frame left_optical and the right one right_optical")


def test_where_a_volatile_publisher_is_there_too_the_override_is_named_and_works(
    start_node: Any, peer: Any, derained: Any
) -> None:
    latched = [
        peer.node.create_publisher(CameraInfo, f"/{side}/camera_info", LATCHED)
        for side in ("left", "right")
    ]
    silent = publishers(peer, CameraInfo, "camera_info")
    for publisher in latched:
        publisher.publish(camera_info(START))
    images = publishers(peer, Image, "image_rect")

    advised = start_node("-r", "__node:=advised")
    override = "qos_overrides./left/camera_info.subscription"
    sentence = (
        "peer latches /left/camera_info (transient local) and this node's subscription is "
        f"volatile, so what it sent before does not come: set {override}.durability to "
        f"transient_local and {override}.reliability to reliable, where no other publisher needs "
        "them otherwise."
    )
    advised.wait_for(sentence)
    advised.stop()

    words = [
        f"qos_overrides./{side}/camera_info.subscription.{policy}"
        for side in ("left", "right")
        for policy in ("durability:=transient_local", "reliability:=reliable")
    ]
    node = start_node(*(part for word in words for part in ("-p", word)))
    peer.send_until(send_images(images), lambda: derained.left_info and derained.right_info)
    assert (
        "A QoS override sets /left/camera_info to reliability reliable, durability transient_local."
        in node.output
    )
    # What now is refused for it is told as well.
    node.wait_for("peer publishes /left/camera_info as volatile and this node asks for transient")
    assert silent


def test_a_durability_offered_by_an_override_is_no_refusal(start_node: Any, peer: Any) -> None:
    override = "qos_overrides./derained/left/camera_info.publisher.durability:=transient_local"
    node = start_node("-p", override)
    got: list[Any] = []
    peer.node.create_subscription(CameraInfo, "/derained/left/camera_info", got.append, LATCHED)
    images = publishers(peer, Image, "image_rect")
    infos = publishers(peer, CameraInfo, "camera_info")

    def send(stamp: int) -> None:
        for publisher in infos:
            publisher.publish(camera_info(stamp))
        send_images(images)(stamp)

    peer.send_until(send, lambda: got)
    assert "as transient local and this node offers volatile" not in node.output


BOTH = np.concatenate([LEFT, RIGHT], axis=1)


@pytest.mark.parametrize("transport", ["raw", "compressed"])
@pytest.mark.parametrize("deraining", ["true", "false"])
def test_views_side_by_side_in_one_topic(
    start_node: Any, peer: Any, derained: Any, transport: str, deraining: str
) -> None:
    node = start_node(side_by_side="true", input_transport=transport, enabled=deraining)
    compressed = transport == "compressed"
    topic = "/image_rect/compressed" if compressed else "/image_rect"
    assert f"Ready: {topic} come" in node.output
    kind = CompressedImage if compressed else Image
    images = peer.node.create_publisher(kind, topic, 10)
    infos = peer.node.create_publisher(CameraInfo, "/camera_info", 10)

    def send(stamp: int) -> None:
        info = camera_info(stamp)
        info.width = 128
        info.k[2] = info.p[2] = 31.0
        infos.publish(info)
        like = stamped(Image(encoding="rgb8"), stamp)
        image = write_compressed(BOTH, "rgb8", like, "png", 0) if compressed else None
        images.publish(image or write_rgb(BOTH, "rgb8", like))

    peer.send_until(
        send, lambda: all((derained.left, derained.right, derained.left_info, derained.right_info))
    )
    for image, view in ((derained.left[0], LEFT), (derained.right[0], RIGHT)):
        assert (image.width, image.height, image.encoding) == (64, 48, "rgb8")
        assert np.array_equal(read_rgb(image), view) is (deraining == "false")
    assert nanoseconds(derained.left[0].header.stamp) == nanoseconds(derained.right[0].header.stamp)
    left, right = derained.left_info[0], derained.right_info[0]
    assert [left.width, left.k[2], left.p[2]] == [64, 31.0, 31.0]
    assert [right.width, right.k[2], right.p[2], right.p[3]] == [64, -33.0, -33.0, -9.0]


def test_camera_infos_of_the_views_go_before_that_of_the_image(
    start_node: Any, peer: Any, derained: Any
) -> None:
    start_node(side_by_side="true")
    images = peer.node.create_publisher(Image, "/image_rect", 10)
    whole = peer.node.create_publisher(CameraInfo, "/camera_info", 10)
    own = publishers(peer, CameraInfo, "camera_info")

    def send(stamp: int) -> None:
        for publisher in own:
            publisher.publish(camera_info(stamp))
        whole.publish(camera_info(stamp))
        images.publish(write_rgb(BOTH, "rgb8", stamped(Image(encoding="rgb8"), stamp)))

    peer.send_until(send, lambda: len(derained.right_info) > 2)
    assert [derained.right_info[-1].width, derained.right_info[-1].p[2]] == [64, 31.0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["-r", "left/image_rect:=/cam/image"],
            "side_by_side takes both views from image_rect, and left/image_rect is remapped to "
            "/cam/image: leave one of the two out.",
        ),
        (
            ["-p", "right_time_offset_ms:=5.0"],
            "Views side by side have one stamp: leave left_time_offset_ms and right_time_offset_ms "
            "alike, or set side_by_side to false.",
        ),
    ],
)
def test_what_contradicts_views_side_by_side_is_refused(
    start_process: Any, small_model: Any, words: list[str], sentence: str
) -> None:
    parameters = [f"model:={small_model}", "device:=cpu", "side_by_side:=true"]
    given = [word for each in parameters for word in ("-p", each)]
    node = start_process("-m", "apanet_ros.derain_node", "--ros-args", *given, *words)
    assert node.end() == 1
    assert sentence in node.output


def test_compressed_images_come_in_and_go_out_with_their_camera_infos_scaled(
    start_node: Any, peer: Any
) -> None:
    node = start_node(input_transport="compressed", output_transport="png", output_scale=0.5)
    assert "Ready: /left/image_rect/compressed and /right/image_rect/compressed" in node.output
    images = publishers(peer, CompressedImage, "image_rect/compressed")
    infos = publishers(peer, CameraInfo, "camera_info")
    out = peer.collect(CompressedImage, "/derained/left/image_rect/compressed")
    out_infos = peer.collect(CameraInfo, "/derained/left/camera_info")

    def send(stamp: int) -> None:
        for publisher, info, view in zip(images, infos, (LEFT, RIGHT), strict=True):
            info.publish(camera_info(stamp))
            like = stamped(Image(encoding="bgr8"), stamp)
            publisher.publish(write_compressed(view, "bgr8", like, "png", 0))

    peer.send_until(send, lambda: out and len(out_infos) > 1)
    assert out[0].format == "bgr8; png compressed bgr8"
    assert read_rgb(out[0]).shape == (24, 32, 3)
    info = out_infos[-1]
    assert (info.width, info.height, info.k[0], info.k[2]) == (32, 24, 25.0, 15.75)


def test_raw_images_are_rectified_and_described_by_their_p(
    start_node: Any, peer: Any, derained: Any
) -> None:
    node = start_node(rectify="true", **PASSED)
    images, infos = (
        publishers(peer, Image, "image_rect"),
        publishers(peer, CameraInfo, "camera_info"),
    )

    def send(stamp: int) -> None:
        for publisher, view in zip(images, (LEFT, RIGHT), strict=True):
            publisher.publish(write_rgb(view, "same", stamped(Image(encoding="rgb8"), stamp)))

    def send_all(stamp: int) -> None:
        for info in infos:
            info.publish(camera_info(stamp, k1=-0.3))
        send(stamp)

    peer.send_until(send, lambda: "rectify needs one" in derained.status("pairs").message)
    assert derained.left == []
    peer.send_until(send_all, lambda: derained.right and derained.right_info)
    expected = cv2.undistort(
        RIGHT,
        np.reshape(camera_info(0).k, (3, 3)),
        np.array([-0.3, 0.0, 0.0, 0.0]),
        None,
        np.reshape(camera_info(0).p, (3, 4))[:, :3],
    )
    assert np.abs(read_rgb(derained.right[-1]).astype(int) - expected).mean() < 1
    info = derained.right_info[-1]
    assert (list(info.d), info.k[0], info.p[3]) == ([0.0] * 5, 45.0, -9.0)
    assert node.running


def test_mosaics_and_video_come_out_as_documented(
    start_node: Any, peer: Any, derained: Any
) -> None:
    start_node()
    images = publishers(peer, Image, "image_rect")
    for encoding, answer in (("bayer_rggb8", "rgb8"), ("nv12", "nv12"), ("mono16", "mono16")):
        size = {"bayer_rggb8": (64, 48), "nv12": (64, 72), "mono16": (128, 48)}[encoding]
        image = Image(height=48, width=64, encoding=encoding, step=size[0])
        image.data.frombytes(bytes([120]) * (size[0] * size[1]))
        count = len(derained.left)

        def send(stamp: int, image: Image = image) -> None:
            for publisher in images:
                publisher.publish(stamped(image, stamp))

        def answered(count: int = count, answer: str = answer) -> bool:
            return answer in [image.encoding for image in derained.left[count:]]

        peer.send_until(send, answered)
    assert derained.values("pairs")["rejected"] == "0"


def test_synchronised_pairs_wait_for_their_camera_infos(
    start_node: Any, peer: Any, derained: Any
) -> None:
    start_node(camera_info="synchronised", right_time_offset_ms="-20.0", **PASSED)
    images, infos = (
        publishers(peer, Image, "image_rect"),
        publishers(peer, CameraInfo, "camera_info"),
    )

    def send(stamp: int) -> None:
        for publisher, offset in zip(images, (0, 20_000_000), strict=True):
            image = write_rgb(LEFT, "same", stamped(Image(encoding="rgb8"), stamp + offset))
            publisher.publish(image)

    def send_all(stamp: int) -> None:
        send(stamp)
        for info, offset in zip(infos, (0, 20_000_000), strict=True):
            info.publish(camera_info(stamp + offset))

    peer.send_until(send, lambda: int(derained.values("input")["lacking_camera_info"]) > 2)
    assert derained.left == []
    assert "so no pair is taken: remap" in derained.status("input").message
    peer.send_until(send_all, lambda: len(derained.left) > 2 and len(derained.right_info) > 2)
    values = derained.wait_for("input", lambda values: int(values["skew_ms_to_0"]) > 2)
    assert values["skew_ms_median"] == "0.000"
    assert nanoseconds(derained.left[0].header.stamp) == nanoseconds(
        derained.right_info[0].header.stamp
    )


def test_without_camera_info_there_is_no_topic_for_it_and_no_complaint(
    start_node: Any, peer: Any, derained: Any
) -> None:
    start_node(camera_info="none", **PASSED)
    images = publishers(peer, Image, "image_rect")

    def send(stamp: int) -> None:
        for publisher in images:
            publisher.publish(write_rgb(LEFT, "same", stamped(Image(encoding="rgb8"), stamp)))

    peer.send_until(send, lambda: derained.left and derained.right)
    assert peer.node.count_publishers("/derained/left/camera_info") == 0
    assert peer.node.count_subscribers("/left/camera_info") == 0
    values = derained.wait_for_value("pairs", "published", 1)
    assert values["without_camera_info"] == "0"
    assert "camera_info" not in derained.status("input").message


def motorcycle(rows_down: int) -> tuple[Any, Any]:
    """A pair of 320 x 256 that was rectified before its right view went down by some rows."""
    data = pytest.importorskip("skimage.data")
    left, right, _ = data.stereo_motorcycle()
    return (
        np.ascontiguousarray(left[:256, 200:520]),
        np.ascontiguousarray(np.roll(right, rows_down, axis=0)[:256, 200:520]),
    )


def raw_info(right_down: float = 0.0, **changes: Any) -> tuple[CameraInfo, CameraInfo]:
    """Of the raw images of `motorcycle`, the right one of which lies lower by some rows."""
    infos = []
    for down in (0.0, right_down):
        info = CameraInfo(width=320, height=256, distortion_model="plumb_bob", d=[0.0] * 5)
        info.k = [300.0, 0.0, 160.0, 0.0, 300.0, 128.0 + down, 0.0, 0.0, 1.0]
        info.r = list(np.eye(3).flat)
        info.p = [300.0, 0.0, 160.0, 0.0, 0.0, 300.0, 128.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        for name, value in changes.items():
            setattr(info, name, value)
        infos.append(info)
    return infos[0], infos[1]


@pytest.fixture
def measure_rows(start_node: Any, peer: Any, derained: Any) -> Any:
    """Let the node measure a pair on `image_raw`; return its first report that knows the rows."""

    def measure(views: tuple[Any, Any], infos: Any = ()) -> str:
        sides = "left", "right"
        remaps = [f"{side}/image_rect:={side}/image_raw" for side in sides]
        start_node("-r", remaps[0], "-r", remaps[1], output_scale=0.25)
        images = publishers(peer, Image, "image_raw")
        info_topics = publishers(peer, CameraInfo, "camera_info")

        def send(stamp: int) -> None:
            for publisher, info in zip(info_topics, infos, strict=False):
                publisher.publish(stamped(info, stamp))
            for publisher, view in zip(images, views, strict=True):
                publisher.publish(write_rgb(view, "same", stamped(Image(encoding="rgb8"), stamp)))

        peer.send_until(send, lambda: derained.values("input")["row_offset_px"])
        return str(derained.status("input").message)

    return measure


def test_pairs_whose_rows_do_not_fit_are_told(measure_rows: Any, derained: Any) -> None:
    message = measure_rows(motorcycle(rows_down=8))
    assert "so the pair is not rectified: rectify it before this node." in message
    assert float(derained.values("input")["row_offset_px"]) == pytest.approx(8, abs=1)


def test_camera_infos_that_bring_rows_together_are_followed(measure_rows: Any) -> None:
    message = measure_rows(motorcycle(rows_down=8), raw_info(right_down=8))
    assert "so the pair is not rectified: set rectify to true." in message


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"k": [0.0] * 9}, "The camera_info has no focal length in K: calibrate the camera."),
        ({"binning_x": 2}, "The camera_info with its binning of 2 x 1 is for 160 x 256, the im"),
        (
            {"k": [1e-3, 0.0, 7.0, 0.0, 3e5, -2.0, 0.0, 0.0, 1.0], "d": [3.0, -8.0, 2.0, 5.0]},
            "K has a focal length of 0.0 px for images 320 px wide, which no usual lens has",
        ),
    ],
)
def test_camera_infos_that_cannot_rectify_are_named(
    measure_rows: Any, changes: dict[str, Any], problem: str
) -> None:
    message = measure_rows(motorcycle(rows_down=8), raw_info(**changes))
    assert f"do not serve to rectify them. /left/camera_info: {problem}" in message
    assert "set rectify" not in message


def test_rows_that_fit_are_no_reason_to_rectify(measure_rows: Any, derained: Any) -> None:
    distortion = [-0.37, 0.2, 0.002, 0.001, -0.07]
    measure_rows(motorcycle(rows_down=0), raw_info(right_down=9, d=distortion))
    assert float(derained.values("input")["row_offset_px"]) < 1
    reports = [status.message for report in derained.diagnostics for status in report.status]
    assert not any("rectif" in message for message in reports)


@pytest.mark.parametrize("policy", ["exact", "approximate"])
def test_message_filters_pairs_where_installed_and_is_missed_where_not(
    start_process: Any, small_model: Any, policy: str
) -> None:
    node = start_process(
        *("-m", "apanet_ros.derain_node", "--ros-args", "-p", f"model:={small_model}"),
        *("-p", "device:=cpu", "-p", f"synchroniser:={policy}"),
    )
    try:
        import message_filters  # noqa: F401
    except ImportError:
        assert node.end() == 1
        assert f"synchroniser {policy} needs message_filters, which is not installed" in node.output
    else:
        node.wait_for("Ready")
