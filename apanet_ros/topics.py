"""Names and quality of service of the node's topics, and what to say when they do not fit."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSPolicyKind,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.qos_overriding_options import QoSOverridingOptions

from apanet_core.streaming.pairing import Side
from apanet_ros.parameters import NodeOptions

if TYPE_CHECKING:
    from rclpy.publisher import Publisher
    from rclpy.subscription import Subscription

DIAGNOSTICS = "/diagnostics"

OVERRIDABLE = ("history", "depth", "reliability", "durability")
"""Policies of a topic's quality of service that parameters change."""


@dataclass(frozen=True)
class CameraTopics:
    """The two topics of one camera."""

    image: str
    camera_info: str


def input_topics(side: Side, compressed: bool = False) -> CameraTopics:
    """Topics of one input camera, relative to the node's namespace."""
    # The suffix by which image_transport names them.
    suffix = "/compressed" if compressed else ""
    return CameraTopics(f"{side.value}/image_rect{suffix}", f"{side.value}/camera_info")


def side_by_side_topics(compressed: bool = False) -> CameraTopics:
    """Topics of one input that holds both views, relative to the node's namespace."""
    return CameraTopics(f"image_rect{'/compressed' if compressed else ''}", "camera_info")


def output_topics(side: Side, output_namespace: str, compressed: bool = False) -> CameraTopics:
    """Topics of one output camera: the input's names in the output namespace."""
    names = input_topics(side, compressed)
    prefix = output_namespace.rstrip("/")
    return CameraTopics(f"{prefix}/{names.image}", f"{prefix}/{names.camera_info}")


def input_qos(options: NodeOptions) -> QoSProfile:
    """QoS of the four subscriptions; for a replay nothing is given up."""
    if options.replay:
        return lossless_qos()
    return _qos(options.input_reliability, options.input_depth)


def output_qos(options: NodeOptions) -> QoSProfile:
    """QoS of the four publishers; for a replay nothing is given up."""
    if options.replay:
        return lossless_qos()
    qos = _qos(options.output_reliability, options.output_depth)
    if options.output_deadline_ms:
        qos.deadline = Duration(nanoseconds=round(options.output_deadline_ms * 1e6))
    return qos


def lossless_qos() -> QoSProfile:
    """Reliable, and every message is kept until it is taken."""
    return QoSProfile(history=HistoryPolicy.KEEP_ALL, reliability=ReliabilityPolicy.RELIABLE)


def overridable() -> QoSOverridingOptions:
    """Let `qos_overrides.<topic>...` change history, depth, reliability and durability."""
    return QoSOverridingOptions([QoSPolicyKind[policy.upper()] for policy in OVERRIDABLE])


def override_sentence(topic: str, wanted: QoSProfile, actual: QoSProfile) -> str:
    """Say how a QoS override changed a topic; empty when it did not."""
    changes = [
        f"{policy} {_name(getattr(actual, policy))}"
        for policy in OVERRIDABLE
        if getattr(actual, policy) != getattr(wanted, policy)
    ]
    return f"A QoS override sets {topic} to {', '.join(changes)}." if changes else ""


def refused_peers(
    node: Node, subscriptions: Iterable[Subscription[Any]], publishers: Iterable[Publisher[Any]]
) -> list[str]:
    """Say, of every peer in the graph whose QoS does not fit, that it is not connected."""
    return [
        *(
            f"{peer.node_name} publishes {own.topic_name} best effort and this node asks for "
            "reliable, so nothing comes in from it: set input_reliability to best_effort."
            for own in subscriptions
            for peer in node.get_publishers_info_by_topic(own.topic_name)
            if _reliable(own.qos_profile) and not _reliable(peer.qos_profile)
        ),
        *(
            f"{peer.node_name} publishes {own.topic_name} as volatile and this node asks for "
            "transient local, so nothing comes in from it: leave out the QoS override of its "
            "durability."
            for own in subscriptions
            for peer in node.get_publishers_info_by_topic(own.topic_name)
            if _latched(own.qos_profile) and not _latched(peer.qos_profile)
        ),
        *(
            f"{peer.node_name} subscribes to {own.topic_name} as reliable and this node offers "
            "best effort, so it gets nothing: set output_reliability to reliable."
            for own in publishers
            for peer in node.get_subscriptions_info_by_topic(own.topic_name)
            if _reliable(peer.qos_profile) and not _reliable(own.qos_profile)
        ),
        *(
            f"{peer.node_name} subscribes to {own.topic_name} as transient local and this node "
            "offers volatile, so it gets nothing: make it volatile there."
            for own in publishers
            for peer in node.get_subscriptions_info_by_topic(own.topic_name)
            if _latched(peer.qos_profile) and not _latched(own.qos_profile)
        ),
    ]


def latching_qos(node: Node, topic: str, qos: QoSProfile) -> QoSProfile:
    """Return the profile to subscribe with so that what was latched before arrives.

    That is `qos` unless all publishers of the topic offer transient local and reliable: a
    subscription that asks for as much gets what they sent before, and nothing from others.

    Args:
        node: sees the publishers.
        topic: its full name.
        qos: wanted where not all of them do.
    """
    offered = [peer.qos_profile for peer in node.get_publishers_info_by_topic(topic)]
    if not offered or not all(_latched(peer) and _reliable(peer) for peer in offered):
        return qos
    latching = copy(qos)
    latching.durability = DurabilityPolicy.TRANSIENT_LOCAL
    latching.reliability = ReliabilityPolicy.RELIABLE
    return latching


def missed_latches(node: Node, topic: str, qos: QoSProfile) -> list[str]:
    """Say of every peer that latches a topic that what it sent before is missed with `qos`."""
    if _latched(qos):
        return []
    override = f"qos_overrides.{topic}.subscription"
    return [
        f"{peer.node_name} latches {topic} (transient local) and this node's subscription is "
        f"volatile, so what it sent before does not come: set {override}.durability to "
        f"transient_local and {override}.reliability to reliable, where no other publisher needs "
        "them otherwise."
        for peer in node.get_publishers_info_by_topic(topic)
        if _latched(peer.qos_profile)
    ]


def _latched(qos: QoSProfile) -> bool:
    return bool(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL)


def _reliable(qos: QoSProfile) -> bool:
    return bool(qos.reliability == ReliabilityPolicy.RELIABLE)


def _name(value: Any) -> str:
    return value.name.lower() if isinstance(value, Enum) else str(value)


def _qos(reliability: str, depth: int) -> QoSProfile:
    return QoSProfile(depth=depth, reliability=ReliabilityPolicy[reliability.upper()])
