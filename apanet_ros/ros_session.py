"""A node of its own for a tool of the command line, gone when the tool is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import rclpy
from rclpy.context import Context
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions


@contextmanager
def tool_node(name: str, domain_id: int | None = None) -> Iterator[Node]:
    """Yield a node in a context of its own, on `domain_id` or the environment's.

    Ctrl-C stays Python's KeyboardInterrupt, so that the tool unwinds in its own order.
    """
    context = Context()
    rclpy.init(context=context, domain_id=domain_id, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = Node(name, context=context, enable_rosout=False, start_parameter_services=False)
        yield node
        node.destroy_node()
    finally:
        context.try_shutdown()
