"""Holds items back until what belongs to them has come, such as a pair's camera_infos."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Completion(Generic[Item]):
    """Lets items go when they are complete, in their order. Not thread safe.

    An item that is complete overtakes older ones that are not: they leave as incomplete, for
    messages come in order. So does the oldest when more wait than may.

    Args:
        is_complete: whether everything of an item has come.
        limit: items that may wait, 1 or more.

    Attributes:
        incomplete: items that left without what belongs to them.
    """

    def __init__(self, is_complete: Callable[[Item], bool], limit: int) -> None:
        self._is_complete = is_complete
        self._items: deque[Item] = deque()
        self.limit = limit
        self.incomplete = 0

    @property
    def waiting(self) -> int:
        """Items that wait."""
        return len(self._items)

    def add(self, item: Item) -> list[Item]:
        """Take an item in and return those that are complete."""
        self._items.append(item)
        complete = self.take_complete()
        while len(self._items) > self.limit:
            self._items.popleft()
            self.incomplete += 1
        return complete

    def take_complete(self) -> list[Item]:
        """Return the items that are complete by now, oldest first."""
        verdicts = [self._is_complete(item) for item in self._items]
        if True not in verdicts:
            return []
        ready = [item for item, complete in zip(self._items, verdicts, strict=True) if complete]
        last = max(position for position, complete in enumerate(verdicts) if complete)
        self.incomplete += last + 1 - len(ready)
        self._items = deque(list(self._items)[last + 1 :])
        return ready

    def forget_waiting(self) -> None:
        """Let all that waits leave as incomplete."""
        self.incomplete += len(self._items)
        self._items.clear()
