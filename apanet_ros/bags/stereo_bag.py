"""Stereo frames as the four topics of a rectified pair in a bag, and back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.writer import BagWriter

NAMESPACE = "/stereo"
VIEWS = ("left", "right")
FRAME = "stereo_left_optical_frame"
"""Of all four messages: P of both cameras is given in it, and image_geometry asserts that left and
right camera_info name one frame."""

IMAGE_TYPE = "sensor_msgs/msg/Image"
CAMERA_INFO_TYPE = "sensor_msgs/msg/CameraInfo"


def image_topic(view: str, namespace: str = NAMESPACE) -> str:
    """Return the rectified image topic of `view`, "left" or "right"."""
    return f"{namespace}/{view}/image_rect"


def camera_info_topic(view: str, namespace: str = NAMESPACE) -> str:
    """Return the camera_info topic of `view`, "left" or "right"."""
    return f"{namespace}/{view}/camera_info"


def stereo_topics(namespace: str = NAMESPACE) -> dict[str, str]:
    """Return the four topics of a pair under `namespace`, each with its message type."""
    images = {image_topic(view, namespace): IMAGE_TYPE for view in VIEWS}
    return images | {camera_info_topic(view, namespace): CAMERA_INFO_TYPE for view in VIEWS}


class StereoBagWriter:
    """Writes `StereoFrame`s into a bag: two rgb8 images and two camera_infos each."""

    def __init__(self, path: Path, storage: str = "mcap", force: bool = False) -> None:
        """Prepare the bag folder `path`; arguments and errors are those of `BagWriter`."""
        self._bag = BagWriter(path, storage, force)

    def __enter__(self) -> StereoBagWriter:
        self._bag.__enter__()
        for topic, message_type in stereo_topics().items():
            self._bag.add_topic(topic, message_type)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bag.__exit__(kind, error, traceback)

    def write(self, frame: StereoFrame) -> None:
        """Append the four messages of `frame`, all with its stamp."""
        for view, image in zip(VIEWS, (frame.left, frame.right), strict=True):
            header = self._header(frame.stamp_ns)
            camera_info = self._camera_info(view, header, frame)
            self._bag.write_message(camera_info_topic(view), frame.stamp_ns, camera_info)
            self._bag.write_message(image_topic(view), frame.stamp_ns, self._image(header, image))

    def _header(self, stamp_ns: int) -> Any:
        types = self._bag.typestore.types
        seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
        stamp = types["builtin_interfaces/msg/Time"](sec=seconds, nanosec=nanoseconds)
        return types["std_msgs/msg/Header"](stamp=stamp, frame_id=FRAME)

    def _image(self, header: Any, image: Picture) -> Any:
        height, width, channels = image.shape
        return self._bag.typestore.types[IMAGE_TYPE](
            header=header,
            height=height,
            width=width,
            encoding=f"rgb{8 * image.itemsize}",
            is_bigendian=int(sys.byteorder == "big"),
            step=width * channels * image.itemsize,
            data=np.ascontiguousarray(image).reshape(-1).view(np.uint8),
        )

    def _camera_info(self, view: str, header: Any, frame: StereoFrame) -> Any:
        types = self._bag.typestore.types
        height, width = frame.left.shape[:2]
        region = types["sensor_msgs/msg/RegionOfInterest"](
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        )
        return types[CAMERA_INFO_TYPE](
            header=header,
            height=height,
            width=width,
            distortion_model="plumb_bob",
            d=np.zeros(5),
            k=projection_matrix(frame, "left")[:, :3].reshape(-1),
            r=np.eye(3).reshape(-1),
            p=projection_matrix(frame, view).reshape(-1),
            binning_x=0,
            binning_y=0,
            roi=region,
        )


def projection_matrix(frame: StereoFrame, view: str) -> NDArray[np.float64]:
    """Return P, float64 `[3,4]`, of `view`; the right one holds Tx = -focal * baseline (px m)."""
    camera = frame.camera
    center_x, center_y = camera.center_of(*frame.left.shape[:2])
    shift = -camera.disparity_at_one_metre if view == "right" else 0.0
    return np.array(
        [
            [camera.focal_px, 0.0, center_x, shift],
            [0.0, camera.focal_px, center_y, 0.0],
            [0.0, 0.0, 1.0, 0.0],
        ]
    )


def read_images(bag: Path, namespace: str = NAMESPACE) -> Iterator[tuple[int, str, ByteImage]]:
    """Yield (stamp in ns, view, image as uint8 RGB [H, W, 3]) of the rgb8 images in `bag`."""
    view_of_topic = {image_topic(view, namespace): view for view in VIEWS}
    with BagReader(bag) as reader:
        for message in reader.messages(view_of_topic):
            decoded = reader.deserialize(message)
            pixels = decoded.data.reshape(decoded.height, decoded.step)[:, : decoded.width * 3]
            stamp = decoded.header.stamp
            yield (
                stamp.sec * 1_000_000_000 + stamp.nanosec,
                view_of_topic[message.topic],
                pixels.reshape(decoded.height, decoded.width, 3),
            )
