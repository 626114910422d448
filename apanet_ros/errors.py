"""The errors the bag and topic tools raise, beside those of apanet_core."""

from apanet_core.errors import ApanetError


class BagError(ApanetError):
    """A bag cannot be read or written as asked."""


class ReplayError(ApanetError):
    """A bag's messages cannot be published as asked."""


class DemoError(ApanetError):
    """The demo cannot go on: nothing came out of the node."""


class NodeProcessError(ApanetError):
    """A node that a tool started did not start, end or answer as it should."""
