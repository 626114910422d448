"""OpenCV's own log, kept from a user who is told in our words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2

SILENT = 0


@contextmanager
def opencv_silenced() -> Iterator[None]:
    """Let OpenCV log nothing inside the `with` block, unless `OPENCV_LOG_LEVEL` asks for it."""
    log = _log()
    if log is None or "OPENCV_LOG_LEVEL" in os.environ:
        yield
        return
    before = log.getLogLevel()
    log.setLogLevel(SILENT)
    try:
        yield
    finally:
        log.setLogLevel(before)


def _log() -> Any:
    """Return what holds `getLogLevel` and `setLogLevel`: it moved with OpenCV 5."""
    places = (cv2, getattr(cv2.utils, "logging", None))
    return next((place for place in places if hasattr(place, "setLogLevel")), None)
