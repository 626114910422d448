"""One pair on its way through the worker, and what the worker asks of those around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from apanet_core.imaging.types import AnyPicture
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import PairTimes
from apanet_ros.image_conversion import ImageMessage
from apanet_ros.stereo.stereo_conversion import Views
from apanet_ros.stereo.stereo_input import StereoPair


@dataclass(frozen=True)
class WorkerOptions:
    """What becomes of pairs.

    Attributes:
        drop_late: whether a pair that is not derained in time is dropped, not sent out as it came.
        enabled: whether pairs are derained at all.
        lossless: whether pairs wait in a row rather than be replaced by newer ones.
    """

    drop_late: bool = False
    enabled: bool = True
    lossless: bool = False


@dataclass
class PairWork:
    """One pair in work.

    Attributes:
        pair: as it came.
        wanted: the sides whose image somebody subscribes to.
        options: as they were when the pair was taken.
        times: seconds of each stage, as far as it came.
    """

    pair: StereoPair
    wanted: frozenset[Side]
    options: WorkerOptions
    times: PairTimes
    _views: Views | None = None

    @property
    def views(self) -> Views:
        """Left and right picture, RGB `[H,W,3]`, once they are read."""
        assert self._views is not None, "the pair has not been read"
        return self._views

    @views.setter
    def views(self, views: Views) -> None:
        self._views = views

    @property
    def views_if_read(self) -> Views | None:
        """The pictures; None before they are read."""
        return self._views

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        height, width = self.views[0].shape[:2]
        return height, width


class Derainer(Protocol):
    """What is asked of `apanet_core.runtime.operating_points.LadderDerainer`."""

    def derain(
        self, step: int, left: AnyPicture, right: AnyPicture
    ) -> tuple[AnyPicture, AnyPicture]: ...

    def warm_up(self, step: int, height: int, width: int) -> float: ...


class Output(Protocol):
    """What is asked of `apanet_ros.stereo.stereo_output.StereoOutput`."""

    def wanted(self) -> frozenset[Side]:
        """The sides whose image somebody subscribes to."""
        ...

    def publish(self, pair: StereoPair, images: Mapping[Side, ImageMessage]) -> bool:
        """Send images and camera_infos out; return whether each image had its camera_info."""
        ...


class Log(Protocol):
    """What is asked of `apanet_ros.node_log.NodeLog`."""

    def announce(self, sentence: str) -> None: ...

    def warn(self, sentence: str) -> None: ...
