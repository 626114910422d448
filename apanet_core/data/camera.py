"""A camera: how it records the light of a scene.

Rain falls before the camera, so it shows a scene with and without rain in one tone, and adds
noise, mosaic and compression to what it records.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage, FloatMap, Picture
from apanet_core.imaging.white_level import full_scale
from apanet_core.rain.sensor_noise import add_sensor_noise

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601 weights of red, green and blue."""


@dataclass(frozen=True)
class Camera:
    """One camera. The defaults change nothing.

    Tone, of the rainy and the clean picture alike:

    Attributes:
        saturation: 0 grey, 1 as it is.
        balance: gain of red, green and blue; exposure is all three.
        gamma: exponent of values in [0, 1].
        s_curve: how far the response is S-shaped, -0.5 to 1; 0 is straight.
        black, white: levels of 255 that darkest and brightest light is recorded as.
        defocus_px: standard deviation of the blur.

    Recording, of the picture as it was taken only:

    Attributes:
        noise_levels: standard deviation of the noise at mid grey, levels of 255.
        grain_px: size of coloured blotches in that noise; 0 for none.
        mosaic: whether a Bayer mosaic was recorded and demosaiced.
        jpeg_quality: 1 to 100; 0 for none.
    """

    saturation: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    s_curve: float = 0.0
    black: float = 0.0
    white: float = 255.0
    defocus_px: float = 0.0
    noise_levels: float = 0.0
    grain_px: float = 0.0
    mosaic: bool = False
    jpeg_quality: int = 0

    def shown(self, picture: Picture) -> FloatMap:
        """Return a picture in this camera's tone.

        Args:
            picture: uint8 or uint16 RGB `[H,W,3]` of full range.

        Returns:
            float32 RGB `[H,W,3]` in [0, 1].
        """
        light = picture.astype(np.float32) * np.float32(1 / full_scale(picture))
        if self.defocus_px:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), self.defocus_px), np.float32)
        low, high = np.float32(self.black / 255), np.float32(self.white / 255)
        return np.asarray(low + (high - low) * self._response(self._color(light)), np.float32)

    def recorded(self, light: FloatMap, generator: np.random.Generator) -> FloatMap:
        """Return what the camera sends of a picture in its tone: noisy, demosaiced, compressed.

        Args:
            light: float32 RGB `[H,W,3]` in [0, 1], as `shown` returns it.
            generator: source of the noise.

        Returns:
            float32 RGB `[H,W,3]` in [0, 1], rounded to the levels of 8 bits.
        """
        if self.noise_levels:
            light = self._noisy(light, generator)
        levels = np.asarray(np.rint(np.clip(light, 0, 1) * 255), np.uint8)
        if self.mosaic and not self.is_grey:
            levels = _through_mosaic(levels)
        if self.jpeg_quality:
            levels = _through_jpeg(levels, self.jpeg_quality)
        return np.asarray(levels * np.float32(1 / 255), np.float32)

    @property
    def is_grey(self) -> bool:
        """Whether red, green and blue of all that it sends are equal."""
        return self.saturation == 0

    def _color(self, light: FloatMap) -> FloatMap:
        """Return light with the camera's saturation and balance, cut off outside of [0, 1]."""
        if self.saturation != 1:
            mix = self.saturation * np.eye(3) + (1 - self.saturation) * np.tile(LUMA, (3, 1))
            light = np.asarray(cv2.transform(light, mix.astype(np.float32)), np.float32)
        if self.balance != (1.0, 1.0, 1.0):
            light = light * np.array(self.balance, np.float32)
        return np.asarray(np.clip(light, 0, 1), np.float32)

    def _response(self, light: FloatMap) -> FloatMap:
        """Return light in [0, 1] after gamma and S-curve, in [0, 1]."""
        if self.gamma != 1:
            light = np.asarray(cv2.pow(light, self.gamma), np.float32)
        if self.s_curve:
            light = light + np.float32(self.s_curve) * (light * light * (3 - 2 * light) - light)
        return np.asarray(light, np.float32)

    def _noisy(self, light: FloatMap, generator: np.random.Generator) -> FloatMap:
        light = add_sensor_noise(light, self.noise_levels, generator)
        if self.is_grey:
            return np.repeat(light[..., :1], 3, axis=2)
        return light + self._grain(light.shape, generator) if self.grain_px else light

    def _grain(self, shape: tuple[int, ...], generator: np.random.Generator) -> FloatMap:
        """Return coloured blotches of about `grain_px`, float32 `[H,W,3]`, around 0."""
        size = [max(2, int(side / self.grain_px)) for side in shape[:2]]
        coarse = generator.standard_normal((*size, 3), np.float32)
        grain = cv2.resize(coarse, shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(grain * np.float32(0.5 * self.noise_levels / 255), np.float32)


CameraPair = tuple[Camera, Camera]
"""Cameras of the left and the right view."""


def _through_mosaic(picture: ByteImage) -> ByteImage:
    """Keep one colour of each pixel, as a Bayer sensor does, and interpolate the others."""
    mosaic = picture[..., 1].copy()
    mosaic[::2, ::2] = picture[::2, ::2, 0]
    mosaic[1::2, 1::2] = picture[1::2, 1::2, 2]
    return np.asarray(cv2.cvtColor(mosaic, cv2.COLOR_BayerRGGB2RGB_EA), np.uint8)


def _through_jpeg(picture: ByteImage, quality: int) -> ByteImage:
    """Compress and decompress a picture, uint8 RGB `[H,W,3]`, at a quality of 1 to 100."""
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, quality])
    sent = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(sent, cv2.COLOR_BGR2RGB), np.uint8)
