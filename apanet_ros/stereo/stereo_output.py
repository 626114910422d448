"""The four output topics: one pair goes out under one stamp, with its camera_infos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Protocol, TypeVar

from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from apanet_core.streaming.pairing import Side
from apanet_ros.image_conversion import ImageMessage
from apanet_ros.stamps import nanoseconds
from apanet_ros.stereo.stereo_input import StereoPair

Message = TypeVar("Message", Image, CompressedImage, CameraInfo)


class Publisher(Protocol):
    """Whatever publishes a message."""

    def publish(self, message: Any, /) -> None: ...

    def get_subscription_count(self) -> int: ...


class StereoOutput:
    """Publishes pairs of images, each with its camera's info.

    Args:
        images: publisher of each side's images.
        camera_infos: publisher of each side's camera_infos; empty where none are to go out.
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

    def wanted(self) -> frozenset[Side]:
        """The sides whose image somebody subscribes to."""
        return frozenset(side for side in Side if self._images[side].get_subscription_count())

    def subscriptions(self) -> list[int]:
        """How many subscribe to each topic of images and of camera_infos."""
        publishers = [*self._images.values(), *self._camera_infos.values()]
        return [publisher.get_subscription_count() for publisher in publishers]

    def publish(self, pair: StereoPair, images: Mapping[Side, ImageMessage]) -> bool:
        """Publish the wanted images of a pair and both camera_infos.

        The infos are looked up only now, so that one which arrives just after its image still
        goes with it.

        Returns:
            Whether there was a camera_info of each side, or none is to go out.
        """
        first = pair.left.message.header.stamp
        complete = True
        for side in Side:
            own = pair.frame(side).message.header.stamp
            stamp = first if self._one_stamp else own
            if side in images:
                self._images[side].publish(_restamped(images[side], stamp))
            if self._camera_infos:
                # By the stamp as it came: the pair's may have a time offset added.
                complete &= self._publish_info(side, nanoseconds(own), stamp)
        return complete

    def _publish_info(self, side: Side, input_stamp: int, stamp: Time) -> bool:
        info = self._find_camera_info(side, input_stamp)
        if info is not None:
            self._camera_infos[side].publish(_restamped(info, stamp))
        return info is not None


def _restamped(message: Message, stamp: Time) -> Message:
    """The message with another stamp; data and frame_id are shared with the original."""
    restamped = copy(message)
    restamped.header = Header(stamp=stamp, frame_id=message.header.frame_id)
    return restamped
