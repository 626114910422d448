"""The weights that ship with the package or were imported; how a name or path becomes a file."""

from apanet_core.weights.folders import imported_names, shipped_names
from apanet_core.weights.resolve import resolve_weights

__all__ = ["imported_names", "resolve_weights", "shipped_names"]
