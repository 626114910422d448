"""Image messages to RGB pixels and back: no node, no topic, only the message."""

from apanet_ros.image_conversion.encodings import ENCODINGS, OUTPUT_ENCODINGS
from apanet_ros.image_conversion.reading import ImageMessage, read_rgb, read_samples
from apanet_ros.image_conversion.writing import answered_unchanged, write_compressed, write_rgb

__all__ = [
    "ENCODINGS",
    "OUTPUT_ENCODINGS",
    "ImageMessage",
    "answered_unchanged",
    "read_rgb",
    "read_samples",
    "write_compressed",
    "write_rgb",
]
