"""Leaves messages with the middleware until there is room for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup


class GatedGroup(MutuallyExclusiveCallbackGroup):
    """A callback group whose messages are taken only while a gate is open.

    Args:
        is_open: asked before each message; whoever opens the gate wakes the executor.
    """

    def __init__(self, is_open: Callable[[], bool]) -> None:
        super().__init__()
        self._is_open = is_open

    def can_execute(self, entity: Any) -> bool:
        """Whether the executor may take a message now."""
        return self._is_open() and bool(super().can_execute(entity))
