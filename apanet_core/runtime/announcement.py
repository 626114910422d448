"""Saying that something slow is under way, again and again until it is done."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

PERIOD_S = 10.0

_log = logging.getLogger(__name__)


@contextmanager
def announced(what: str, period: float = PERIOD_S) -> Iterator[None]:
    """Log `what` as a warning at its begin, how long it takes every `period` seconds, and its end.

    As warnings, so that Python shows them where nobody set logging up.
    """
    begin, done = time.monotonic(), Event()

    def remind() -> None:
        while not done.wait(period):
            _log.warning("%s: %.0f s so far ...", what, time.monotonic() - begin)

    _log.warning("%s ...", what)
    reminder = Thread(target=remind, name="announcement", daemon=True)
    reminder.start()
    try:
        yield
    finally:
        done.set()
        reminder.join()
        _log.warning("%s: took %.0f s.", what, time.monotonic() - begin)
