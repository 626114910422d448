"""What the node says in the log: at once, at most every five seconds, or once."""

from __future__ import annotations

from rclpy.node import Node

_WARNINGS_APART_SECONDS = 5.0


class NodeLog:
    """The log of one node, in whole sentences. Any thread may speak."""

    def __init__(self, node: Node) -> None:
        self._logger = node.get_logger()
        self._told: set[str] = set()

    def announce(self, sentence: str) -> None:
        """Say what goes on."""
        self._logger.info(sentence)

    def warn(self, sentence: str) -> None:
        """Say what is wrong, unless something was said to be within the last five seconds."""
        self._logger.warning(sentence, throttle_duration_sec=_WARNINGS_APART_SECONDS)

    def warn_once(self, sentence: str) -> None:
        """Say what is wrong, unless this very sentence was said before."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._logger.warning(sentence)

    def fail(self, sentence: str) -> None:
        """Say what could not be done."""
        self._logger.error(sentence)
