"""A mailbox between two threads: by default what waits is replaced by the newest, never queued."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Hands items from one thread to another, oldest first. Thread safe.

    Args:
        replace: whether a new item replaces the one that waits; if not, all wait in a row, and
            whoever puts them asks `waiting` first.
    """

    def __init__(self, replace: bool = True) -> None:
        self._replace = replace
        self._changed = Condition()
        self._items: deque[Item] = deque()
        self._closed = False

    @property
    def closed(self) -> bool:
        with self._changed:
            return self._closed

    @property
    def waiting(self) -> int:
        """How many items wait to be taken."""
        return len(self._items)

    def put(self, item: Item) -> Item | None:
        """Leave an item and return the one that now will never be taken.

        That is the item it replaces, None if there was none, or the item itself once closed.
        """
        with self._changed:
            if self._closed:
                return item
            replaced = self._items.pop() if self._replace and self._items else None
            self._items.append(item)
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
            self._changed.wait_for(lambda: self._items or self._closed, timeout)
            return self._items.popleft() if self._items else None

    def close(self) -> list[Item]:
        """Wake whoever waits, refuse further items and return those that were still here."""
        with self._changed:
            self._closed = True
            left = list(self._items)
            self._items.clear()
            self._changed.notify_all()
            return left
