"""The errors apanet_core raises on bad input.

Each carries one sentence that names the thing and the next step; command line and node print it
as it is, without a traceback.
"""


class ApanetError(Exception):
    """Anything a user can mend: a wrong path, a bad file, an unknown name."""


class CheckpointError(ApanetError):
    """A weights file is missing, truncated, foreign or does not match its configuration."""


class ConfigError(ApanetError):
    """A setting is unknown or out of range."""


class ImageError(ApanetError):
    """An image or a folder of images cannot be used."""


class BackendError(ApanetError):
    """A device or an inference backend is unknown or not available here."""


class OutOfMemoryError(ApanetError, MemoryError):
    """What is to be computed does not fit into memory."""
