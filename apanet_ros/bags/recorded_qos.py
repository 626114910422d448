"""The quality of service a replayed topic is offered with: as it was recorded, else reliable."""

from __future__ import annotations

from collections.abc import Sequence

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosReliability

DEFAULT_DEPTH = 10


def replay_qos(offered: Sequence[Qos]) -> QoSProfile:
    """Return the profile to publish with, given the profiles that a bag holds for one topic.

    Publishers that disagreed, or none, give the default: reliable, volatile, the last 10 kept.
    Deadline, lifespan and liveliness are left out: they were promises of the live publisher at
    its own rate.
    """
    if not offered or any(one != offered[0] for one in offered):
        return QoSProfile(depth=DEFAULT_DEPTH)
    recorded = offered[0]
    best_effort = recorded.reliability == QosReliability.BEST_EFFORT
    latched = recorded.durability == QosDurability.TRANSIENT_LOCAL
    everything = recorded.history == QosHistory.KEEP_ALL
    return QoSProfile(
        # Recorders that could not discover the history wrote "unknown" and depth 0.
        depth=recorded.depth or DEFAULT_DEPTH,
        history=HistoryPolicy.KEEP_ALL if everything else HistoryPolicy.KEEP_LAST,
        reliability=ReliabilityPolicy.BEST_EFFORT if best_effort else ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )
