"""What the node tells about itself: counters, times and, when something is wrong, what to do."""

from apanet_ros.diagnostics.reading import Identity, Reading
from apanet_ros.diagnostics.report import PERIOD, Diagnostics, state_status, summary

__all__ = ["PERIOD", "Diagnostics", "Identity", "Reading", "state_status", "summary"]
