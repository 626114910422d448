"""The node's ends on its topics: made with their QoS overrides, told about, and taken down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ConfigError
from apanet_ros.back_pressure import GatedGroup
from apanet_ros.topics import (
    latching_qos,
    missed_latches,
    overridable,
    override_sentence,
    refused_peers,
)

if TYPE_CHECKING:
    from rclpy.publisher import Publisher
    from rclpy.subscription import Subscription


@dataclass
class _Latching:
    """A subscription that is made anew when its publishers latch, and what makes it."""

    message_type: type[Any]
    topic: str
    callback: Callable[[Any], None]
    qos: QoSProfile
    subscription: Subscription[Any]


class Endpoints:
    """Subscriptions and publishers of one node.

    Args:
        node: the node they belong to.
        announce: takes a sentence for the log.

    Attributes:
        missed_deadlines: how often a publisher broke the deadline it promised.
    """

    def __init__(self, node: Node, announce: Callable[[str], None]) -> None:
        self._node = node
        self._announce = announce
        self._subscriptions: list[Subscription[Any]] = []
        self._latching: list[_Latching] = []
        self._publishers: list[Publisher[Any]] = []
        self.missed_deadlines = 0

    def advertise(self, message_type: type[Any], topic: str, qos: QoSProfile) -> Publisher[Any]:
        """Make a publisher; deadlines it misses are counted.

        Raises:
            ConfigError: the output namespace makes no valid topic name.
        """
        wanted = copy(qos)
        try:
            publisher = self._node.create_publisher(
                message_type,
                topic,
                qos,
                qos_overriding_options=overridable(),
                event_callbacks=self._events(qos),
            )
        except InvalidTopicNameException as error:
            raise ConfigError(f"output_namespace makes no valid topic name: {error}") from error
        self._tell_override(publisher.topic_name, wanted, qos)
        self._publishers.append(publisher)
        return publisher

    def subscribe(
        self,
        message_type: type[Any],
        topic: str,
        callback: Callable[[Any], None],
        qos: QoSProfile,
        is_open: Callable[[], bool] | None = None,
        latching: bool = False,
    ) -> None:
        """Make a subscription; with a gate it takes messages only while that is open.

        With `latching` it follows publishers that latch what they sent, see `follow_publishers`.
        """
        wanted = copy(qos)
        subscription = self._node.create_subscription(
            message_type,
            topic,
            callback,
            qos,
            callback_group=None if is_open is None else GatedGroup(is_open),
            qos_overriding_options=overridable(),
        )
        self._tell_override(subscription.topic_name, wanted, qos)
        self._subscriptions.append(subscription)
        if latching and not self._is_overridden(subscription.topic_name):
            self._latching.append(_Latching(message_type, topic, callback, qos, subscription))

    def follow_publishers(self) -> None:
        """Ask for what was sent before from where all publishers of a latching topic offer it.

        The graph is known some time after a subscription only, and publishers come and go.
        """
        for each in self._latching:
            name = each.subscription.topic_name
            if not self._node.get_publishers_info_by_topic(name):
                continue
            qos = latching_qos(self._node, name, each.qos)
            if qos.durability != each.subscription.qos_profile.durability:
                self._subscriptions.remove(each.subscription)
                self._node.destroy_subscription(each.subscription)
                each.subscription = self._node.create_subscription(
                    each.message_type, each.topic, each.callback, qos
                )
                self._subscriptions.append(each.subscription)

    def missed_latches(self, topic: str) -> list[str]:
        """Sentences about peers whose messages of before do not come on a topic of this name."""
        return [
            sentence
            for own in self._subscriptions
            if own.topic_name == topic
            for sentence in missed_latches(self._node, topic, own.qos_profile)
        ]

    def unsubscribe(self) -> None:
        """Take all subscriptions down."""
        self._latching.clear()
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop())

    def close(self) -> None:
        """Take everything down."""
        self.unsubscribe()
        while self._publishers:
            self._node.destroy_publisher(self._publishers.pop())

    def refused_peers(self) -> list[str]:
        """Sentences about peers whose QoS does not fit."""
        return refused_peers(self._node, self._subscriptions, self._publishers)

    def image_topics(self) -> tuple[str, str]:
        """Names of the image topics that come in and of those that go out, for the log."""
        return _names(self._subscriptions), _names(self._publishers)

    def _events(self, qos: QoSProfile) -> Any:
        if not qos.deadline.nanoseconds:
            return None
        try:
            from rclpy.event_handler import PublisherEventCallbacks
        except ModuleNotFoundError:  # its name in Humble
            from rclpy.qos_event import PublisherEventCallbacks
        return PublisherEventCallbacks(deadline=self._miss_deadline)

    def _miss_deadline(self, event: Any) -> None:
        self.missed_deadlines += event.total_count_change

    def _is_overridden(self, topic: str) -> bool:
        """Whether the user has said how a subscription is to be made, as far as latching goes."""
        # rclpy has no public way to tell what was given from a default.
        given = getattr(self._node, "_parameter_overrides", {})
        name = f"qos_overrides.{topic}.subscription"
        return any(f"{name}.{policy}" in given for policy in ("durability", "reliability"))

    def _tell_override(self, topic: str, wanted: QoSProfile, actual: QoSProfile) -> None:
        # rclpy writes overrides into the profile it is given.
        if sentence := override_sentence(topic, wanted, actual):
            self._announce(sentence)


def _names(ends: Iterable[Any]) -> str:
    return " and ".join(end.topic_name for end in ends if end.msg_type in (Image, CompressedImage))
