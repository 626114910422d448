from __future__ import annotations

import logging
from threading import Event

import pytest

from apanet_core.runtime.announcement import announced


def test_begin_progress_and_end_are_told(caplog) -> None:
    reminded = Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "so far" in record.getMessage():
                reminded.set()

    logger = logging.getLogger("apanet_core.runtime.announcement")
    listener = Listener()
    logger.addHandler(listener)
    try:
        with announced("Building an engine", period=0.001):
            assert reminded.wait(timeout=30)
    finally:
        logger.removeHandler(listener)

    assert caplog.messages[0] == "Building an engine ..."
    assert caplog.messages[1] == "Building an engine: 0 s so far ..."
    assert caplog.messages[-1] == "Building an engine: took 0 s."


def test_the_end_is_told_of_what_fails(caplog) -> None:
    with pytest.raises(ValueError, match="no engine"), announced("Building"):
        raise ValueError("no engine")

    assert caplog.messages[-1] == "Building: took 0 s."
