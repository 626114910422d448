"""Publishes a bag's messages as they were recorded, with their timing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from builtin_interfaces.msg import Time
from rclpy.duration import Duration
from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.validate_full_topic_name import validate_full_topic_name
from rosgraph_msgs.msg import Clock

from apanet_core.errors import ConfigError
from apanet_core.name_list import name_list
from apanet_core.progress import progress
from apanet_core.time_units import NANOSECONDS, duration_text
from apanet_ros.bags.gaps import Gap
from apanet_ros.bags.message_types import import_message_type
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic
from apanet_ros.bags.recorded_qos import replay_qos
from apanet_ros.bags.replay_timing import (
    ClockTick,
    Due,
    Pacer,
    loop_pause_s,
    passes,
    with_clock_ticks,
    with_gaps,
)
from apanet_ros.errors import ReplayError

CLOCK_TOPIC = "/clock"
LARGEST_CLOCK_S = 2**31
ACKNOWLEDGE_S = 5.0
POLL_S = 0.05


@dataclass(frozen=True)
class ReplayOptions:
    """How to replay.

    Attributes:
        rate: bag seconds a second.
        loop: start again at the end, for ever.
        clock_hz: publish `/clock` this often a second; None does not.
        topics: the only topics to replay; empty means all.
        prefix: put before every topic, as in "/robot1".
        wait_for_subscribers_s: wait this long for a subscriber on every topic.
        skip_gaps: go on at once where nothing was recorded for over a minute.
    """

    rate: float = 1.0
    loop: bool = False
    clock_hz: float | None = None
    topics: tuple[str, ...] = ()
    prefix: str = ""
    wait_for_subscribers_s: float = 0.0
    skip_gaps: bool = False


@dataclass(frozen=True)
class ReplaySummary:
    """What one replay did: messages published, seconds taken, the latest message's delay."""

    published: int
    seconds: float
    worst_lateness_s: float


class BagReplay:
    """The publishers of one bag on a node."""

    def __init__(
        self,
        node: Node,
        bag: BagReader,
        options: ReplayOptions,
        report: Callable[[str], None],
    ) -> None:
        """Create a publisher for each topic to replay; `report` gets a line for each left out.

        Raises `ConfigError` for topics, a prefix or a rate that cannot be, `ReplayError` if nothing
        is left.
        """
        _check_prefix(options.prefix)
        self._bag = bag
        self._options = options
        self._report = report
        self._pacer = Pacer(options.rate, time.monotonic, time.sleep)
        self._publishers: dict[str, Publisher[Any]] = {}
        self._topics = tuple(
            topic
            for topic in self._publishable(select_topics(bag.topics, options.topics))
            if self._advertise(node, topic)
        )
        if not self._topics:
            raise ReplayError(f"{bag.path} holds no message that can be published here.")
        self._clock_period_ns = _clock_period_ns(options)
        self._clock = None
        self._skipped_ns = 0
        if self._clock_period_ns is not None:
            _check_clock_range(bag)
            self._clock = node.create_publisher(Clock, CLOCK_TOPIC, QoSProfile(depth=1))

    @property
    def message_count(self) -> int:
        """Messages in one pass."""
        return sum(topic.message_count for topic in self._topics)

    def run(self, gate: Callable[[int], None] | None = None) -> ReplaySummary:
        """Publish the bag, once or for ever, and return when every message is delivered.

        Before each later moment of the bag `gate` is called with the number of messages published
        in this pass. While it blocks, the bag's time stands still, so that a receiver that is
        slow can hold the replay back.
        """
        self._wait_for_subscribers()
        begin_s = time.monotonic()
        published = 0
        for number in passes(self._options.loop):
            self._pacer.start(self._bag.start_ns, self._pause_s if number else 0.0)
            self._skipped_ns = 0
            published += self._play_once(number, gate)
        for publisher in self._publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=ACKNOWLEDGE_S))
        return ReplaySummary(published, time.monotonic() - begin_s, self._pacer.worst_lateness_s)

    @property
    def _pause_s(self) -> float:
        busiest = max(topic.message_count for topic in self._topics)
        played_ns = self._bag.duration_ns - self._skipped_ns
        return loop_pause_s(played_ns, busiest, self._options.rate)

    def _play_once(self, number: int, gate: Callable[[int], None] | None) -> int:
        published = 0
        moment_ns = self._bag.start_ns
        for due in self._timeline(f"replay {number + 1}" if number else "replay"):
            if gate is not None and due.time_ns > moment_ns:
                gate(published)
                self._pacer.forgive(due.time_ns)
            moment_ns = due.time_ns
            self._pacer.wait_until(due.time_ns)
            if isinstance(due.item, Gap):
                self._come_to(due.item, first_pass=number == 0)
            elif isinstance(due.item, ClockTick):
                self._publish_clock(due.time_ns)
            else:
                self._publishers[due.item.topic].publish(due.item.serialized)
                published += 1
        return published

    def _timeline(self, description: str) -> Iterator[Due[BagMessage]]:
        messages = progress(self._messages(), description, self.message_count, unit="msg")
        with_all_gaps = with_gaps(messages, self._bag.start_ns)
        return with_clock_ticks(with_all_gaps, self._clock_period_ns, self._options.skip_gaps)

    def _messages(self) -> Iterator[Due[BagMessage]]:
        for message in self._bag.messages(self._publishers):
            yield Due(message.time_ns, message)

    def _come_to(self, gap: Gap, first_pass: bool) -> None:
        if self._options.skip_gaps:
            self._skipped_ns += gap.length_ns
            self._pacer.start(gap.end_ns)
            then = "that is skipped"
        else:
            wait = duration_text(gap.length_ns / self._options.rate)
            then = f"waiting {wait}; --skip-gaps goes on at once"
        if first_pass:
            self._report(f"nothing is recorded for {gap}: {then}")

    def _publish_clock(self, time_ns: int) -> None:
        seconds, nanoseconds = divmod(time_ns, NANOSECONDS)
        if self._clock is not None:
            self._clock.publish(Clock(clock=Time(sec=seconds, nanosec=nanoseconds)))

    def _publishable(self, topics: Sequence[BagTopic]) -> Iterator[BagTopic]:
        for topic in topics:
            if topic.name == CLOCK_TOPIC and self._options.clock_hz is not None:
                self._report(f"skipping the bag's own {CLOCK_TOPIC}: --clock publishes it")
            elif import_message_type(topic.message_type) is None:
                self._report(
                    f"skipping {topic.name}: its type {topic.message_type} is not installed here"
                )
            elif topic.message_count > 0:
                yield topic

    def _advertise(self, node: Node, topic: BagTopic) -> bool:
        """Make the topic's publisher; return whether ROS 2 lets it be."""
        message_type: Any = import_message_type(topic.message_type)
        name = prefixed(topic.name, self._options.prefix)
        qos = replay_qos(topic.offered_qos)
        try:
            self._publishers[topic.name] = node.create_publisher(message_type, name, qos)
        except (InvalidTopicNameException, ValueError):  # the latter of a substitution in braces
            self._report(f"skipping {topic.name}: ROS 2 forbids such a topic name")
            return False
        except (
            RuntimeError
        ) as error:  # such as of /parameter_events, which exists with another type
            reason = str(error).partition(", at ")[0]
            self._report(f"skipping {topic.name}: ROS 2 does not let it be published ({reason})")
            return False
        return True

    def _wait_for_subscribers(self) -> None:
        deadline_s = time.monotonic() + self._options.wait_for_subscribers_s
        while (lonely := self._lonely_topics()) and time.monotonic() < deadline_s:
            time.sleep(POLL_S)
        if lonely and self._options.wait_for_subscribers_s > 0:
            waited = f"{self._options.wait_for_subscribers_s:g} s"
            self._report(f"after {waited} nobody subscribes to {name_list(lonely)}; starting")

    def _lonely_topics(self) -> list[str]:
        publishers = self._publishers.values()
        return [one.topic_name for one in publishers if one.get_subscription_count() == 0]


def prefixed(topic: str, prefix: str) -> str:
    """Return `topic` under the namespace `prefix`, with or without slashes around it."""
    namespace = prefix.strip("/")
    return f"/{namespace}/{topic.removeprefix('/')}" if namespace else topic


def _check_prefix(prefix: str) -> None:
    name = prefixed("/topic", prefix)
    try:
        validate_full_topic_name(name)
    except InvalidTopicNameException:
        raise ConfigError(f"{name} is no topic name; give another --prefix.") from None


def select_topics(topics: Sequence[BagTopic], wanted: Sequence[str]) -> tuple[BagTopic, ...]:
    """Return the `topics` named in `wanted`, all when it is empty.

    Raises `ConfigError` that lists the bag's topics when one is not in it.
    """
    names = {topic.name for topic in topics}
    if unknown := [name for name in wanted if name not in names]:
        raise ConfigError(
            f"The bag holds no topic {name_list(unknown)}; it holds {name_list(sorted(names))}."
        )
    return tuple(topic for topic in topics if not wanted or topic.name in wanted)


def _check_clock_range(bag: BagReader) -> None:
    end_ns = bag.start_ns + bag.duration_ns
    if not 0 <= bag.start_ns <= end_ns < LARGEST_CLOCK_S * NANOSECONDS:
        raise ReplayError(
            f"{bag.path} has messages recorded at {end_ns} ns, a time that {CLOCK_TOPIC} cannot "
            "carry: replay it without --clock."
        )


def _clock_period_ns(options: ReplayOptions) -> int | None:
    if options.clock_hz is None:
        return None
    if not options.clock_hz > 0:
        raise ConfigError(f"The clock's frequency must be positive, got {options.clock_hz:g} Hz.")
    return max(1, round(NANOSECONDS * options.rate / options.clock_hz))
