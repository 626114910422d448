"""The four output topics: one pair goes out under one stamp, with its camera_infos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Protocol, TypeVar

from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo_input import StereoPair

Message = TypeVar("Message", Image, CameraInfo)


class Publisher(Protocol):
    """Whatever publishes a message."""

    def publish(self, message: Any, /) -> None: ...


class StereoOutput:
    """Publishes pairs of images, each with its camera's info.

    Args:
        images: publisher of each side's images.
        camera_infos: publisher of each side's camera_infos.
        find_camera_info: the info of a side for a stamp in nanoseconds, or None.
        one_stamp: whether all four messages carry the left image's stamp, or each image and its
            info the image's own.
    """

    def __init__(
        self,
        images: Mapping[Side, Publisher],
        camera_infos: Mapping[Side, Publisher],
        find_camera_info: Callable[[Side, int], CameraInfo | None],
        one_stamp: bool,
    ) -> None:
        self._images = images
        self._camera_infos = camera_infos
        self._find_camera_info = find_camera_info
        self._one_stamp = one_stamp

    def publish(self, pair: StereoPair, left: Image, right: Image) -> bool:
        """Publish what became of a pair; return whether both camera_infos went with it.

        The infos are looked up only now, so that one which arrives just after its image still
        goes with it.
        """
        first = pair.left.message.header.stamp
        own = pair.right.message.header.stamp
        left_info = self._publish(Side.LEFT, left, pair.left_stamp, first)
        right_info = self._publish(
            Side.RIGHT, right, pair.right_stamp, first if self._one_stamp else own
        )
        return left_info and right_info

    def _publish(self, side: Side, image: Image, input_stamp: int, stamp: Time) -> bool:
        info = self._find_camera_info(side, input_stamp)
        self._images[side].publish(_restamped(image, stamp))
        if info is not None:
            self._camera_infos[side].publish(_restamped(info, stamp))
        return info is not None


def _restamped(message: Message, stamp: Time) -> Message:
    """The message with another stamp; data and frame_id are shared with the original."""
    restamped = copy(message)
    restamped.header = Header(stamp=stamp, frame_id=message.header.frame_id)
    return restamped
