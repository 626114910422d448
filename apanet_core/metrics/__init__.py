"""Image quality on uint8 RGB arrays, without torch."""

from apanet_core.metrics.luma import luma
from apanet_core.metrics.psnr import psnr
from apanet_core.metrics.ssim import ssim

__all__ = ["luma", "psnr", "ssim"]
