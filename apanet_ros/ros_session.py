"""ROS for a tool of the command line: a domain and a node of its own, gone when it is done."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import rclpy
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

# Ports of higher domains lie among those the kernel lends to anybody.
_HIGHEST_DOMAIN = 101


@contextmanager
def private_domain() -> Iterator[int]:
    """Put this process and the ones it starts on a ROS domain of their own, on this machine only.

    Must surround every context that is to be on it.
    """
    domain = random.SystemRandom().randint(1, _HIGHEST_DOMAIN)
    before = dict(os.environ)
    os.environ |= {"ROS_DOMAIN_ID": str(domain), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    try:
        yield domain
    finally:
        for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE"):
            os.environ.pop(name)
            if name in before:
                os.environ[name] = before[name]


@contextmanager
def tool_node(name: str) -> Iterator[Node]:
    """Yield a node in a context of its own.

    Ctrl-C stays Python's KeyboardInterrupt, so that the tool unwinds in its own order.
    """
    context = Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = Node(name, context=context, enable_rosout=False, start_parameter_services=False)
        yield node
        node.destroy_node()
    finally:
        context.try_shutdown()


@contextmanager
def spinning(node: Node) -> Iterator[None]:
    """Call the node's callbacks in a thread of their own; none runs any more afterwards."""
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    thread = Thread(target=_spin, args=(executor,), name="spin", daemon=True)
    thread.start()
    try:
        yield
    finally:
        executor.shutdown()
        thread.join()


def _spin(executor: SingleThreadedExecutor) -> None:
    try:
        executor.spin()
    except ExternalShutdownException:
        return
