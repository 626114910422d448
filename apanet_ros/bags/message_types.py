"""Finds the Python class of a ROS 2 message type by its name."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore


@cache
def typestore() -> Typestore:
    """Return the types of the messages that are read; one store, for it takes long to make."""
    return get_typestore(Stores.ROS2_JAZZY)


def import_message_type(name: str) -> type[Any] | None:
    """Return the class of `name`, as in "sensor_msgs/msg/Image"; None when it is not installed."""
    package, kind, class_name = name.split("/") if name.count("/") == 2 else (name, "", "")
    if kind != "msg":
        return None
    try:
        return getattr(importlib.import_module(f"{package}.msg"), class_name, None)
    except ImportError:
        return None
