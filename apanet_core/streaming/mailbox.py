"""A mailbox that holds the newest item only: work that waits is replaced, never queued."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Hands single items from one thread to another. Thread safe."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: Item | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        with self._changed:
            return self._closed

    def put(self, item: Item) -> Item | None:
        """Leave an item and return the one that now will never be taken.

        That is the item it replaces, None if there was none, or the item itself once closed.
        """
        with self._changed:
            if self._closed:
                return item
            replaced, self._item = self._item, item
            self._changed.notify()
            return replaced

    def take(self, timeout: float | None = None) -> Item | None:
        """Wait for an item and take it out.

        Args:
            timeout: seconds to wait; None waits until an item comes or the mailbox closes.

        Returns:
            The item, or None when the time is over or the mailbox is closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout)
            item, self._item = self._item, None
            return item

    def close(self) -> Item | None:
        """Wake whoever waits, refuse further items and return the one that was still here."""
        with self._changed:
            self._closed = True
            left, self._item = self._item, None
            self._changed.notify_all()
            return left
