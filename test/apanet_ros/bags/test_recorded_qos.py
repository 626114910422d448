import pytest

pytest.importorskip("rclpy")

from rclpy.qos import DurabilityPolicy, HistoryPolicy, ReliabilityPolicy
from rosbags.interfaces import QosDurability, QosHistory, QosReliability, QosTime

from apanet_ros.bags.recorded_qos import replay_qos
from apanet_ros.bags.writer import RELIABLE


def test_nothing_recorded_is_reliable():
    qos = replay_qos([])
    assert qos.reliability == ReliabilityPolicy.RELIABLE
    assert qos.durability == DurabilityPolicy.VOLATILE
    assert qos.depth == 10


def test_recorded_policies_are_offered_again():
    recorded = RELIABLE._replace(
        reliability=QosReliability.BEST_EFFORT,
        durability=QosDurability.TRANSIENT_LOCAL,
        history=QosHistory.KEEP_ALL,
        depth=3,
    )
    qos = replay_qos([recorded, recorded])
    assert qos.reliability == ReliabilityPolicy.BEST_EFFORT
    assert qos.durability == DurabilityPolicy.TRANSIENT_LOCAL
    assert qos.history == HistoryPolicy.KEEP_ALL


def test_publishers_that_disagreed_give_the_default():
    other = RELIABLE._replace(reliability=QosReliability.BEST_EFFORT)
    assert replay_qos([other, RELIABLE]).reliability == ReliabilityPolicy.RELIABLE


def test_an_undiscovered_history_keeps_ten():
    recorded = RELIABLE._replace(history=QosHistory.UNKNOWN, depth=0)
    qos = replay_qos([recorded])
    assert (qos.history, qos.depth) == (HistoryPolicy.KEEP_LAST, 10)


def test_promises_of_the_live_publisher_are_left_out():
    recorded = RELIABLE._replace(deadline=QosTime(0, 100), lifespan=QosTime(0, 100))
    assert replay_qos([recorded]).deadline == replay_qos([]).deadline
    assert replay_qos([recorded]).lifespan == replay_qos([]).lifespan
