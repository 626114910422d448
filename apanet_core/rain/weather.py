"""How hard it rains, and one draw of wind, light and haze that lasts a whole sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apanet_core.errors import ConfigError

Range = tuple[float, float]

SHELTERED_SHARE = 0.35
"""Share of sequences whose lenses stay dry, under a hood or behind a wiper."""


@dataclass(frozen=True)
class RainSeverity:
    """How hard it rains; ranges are drawn from uniformly.

    Attributes:
        streaks_per_megapixel: visible streaks per million pixels of one view.
        opacity: how much of the background the core of a wide streak hides, 0 to 1. A drop in
            free fall hides a pixel for a few percent of an exposure only; what real cameras record
            is brighter because drops gather light from the whole sky, and this stands for both.
        mean_drop_excess_mm: mean excess of a drop's diameter over the smallest visible drop.
        extinction_per_m: haze; light from depth `z` is dimmed to `exp(-extinction * z)`.
        lens_drops: drops and splashes on the lens of one view, expected where it is not sheltered.
        noise_levels: standard deviation of the sensor noise at mid grey, levels of 255.
    """

    streaks_per_megapixel: Range
    opacity: Range
    mean_drop_excess_mm: float
    extinction_per_m: Range
    lens_drops: Range = (0.0, 0.0)
    noise_levels: Range = (0.0, 0.0)


SEVERITIES: dict[str, RainSeverity] = {
    "drizzle": RainSeverity((3000, 6000), (0.25, 0.40), 0.4, (0.0, 0.001), (0.0, 0.8), (0.3, 1.2)),
    "light": RainSeverity(
        (5000, 10000), (0.30, 0.45), 0.5, (0.0005, 0.002), (0.0, 2.0), (0.3, 1.4)
    ),
    "moderate": RainSeverity(
        (9000, 16000), (0.35, 0.55), 0.65, (0.001, 0.004), (0.0, 4.0), (0.4, 1.6)
    ),
    "heavy": RainSeverity(
        (17000, 28000), (0.40, 0.60), 0.75, (0.003, 0.008), (0.0, 6.0), (0.5, 1.8)
    ),
    "violent": RainSeverity(
        (28000, 48000), (0.45, 0.70), 0.85, (0.005, 0.014), (0.0, 8.0), (0.6, 2.0)
    ),
}
"""The five named severities, weakest first."""


@dataclass(frozen=True)
class Weather:
    """What stays the same from frame to frame.

    Attributes:
        severity: how hard it rains.
        density: streaks per megapixel.
        opacity: of the core of a wide streak, 0 to 1.
        extinction_per_m: of the veil.
        wind_m_s: velocity of the drops to the right, metres per second.
        gust_m_s: standard deviation of that velocity over the image.
        speed_m_s: forward speed of the cameras, metres per second.
        exposure_s: time over which a drop smears into a streak.
        airlight: colour of the haze, RGB in [0, 1].
        streak_light: colour of the light that drops gather, RGB in [0, 1].
        lens_drops: expected on the lens or windscreen, per view of KITTI's size and field of view.
        noise_levels: standard deviation of the sensor noise at mid grey, levels of 255.
    """

    severity: RainSeverity
    density: float
    opacity: float
    extinction_per_m: float
    wind_m_s: float
    gust_m_s: float
    speed_m_s: float
    exposure_s: float
    airlight: tuple[float, float, float]
    streak_light: tuple[float, float, float]
    lens_drops: float = 0.0
    noise_levels: float = 0.0


def sample_weather(severity: str | RainSeverity, generator: np.random.Generator) -> Weather:
    """Draw the weather of one sequence.

    Args:
        severity: a name in `SEVERITIES`, or your own.
        generator: source of all randomness.

    Raises:
        ConfigError: the name is unknown; the message lists the valid ones.
    """
    chosen = named_severity(severity) if isinstance(severity, str) else severity
    grey = generator.uniform(0.6, 0.9)
    tint = generator.normal(0.0, 0.015, 3)
    gathered = grey * generator.uniform(0.95, 1.2)
    sheltered = generator.random() < SHELTERED_SHARE
    return Weather(
        severity=chosen,
        density=generator.uniform(*chosen.streaks_per_megapixel),
        opacity=generator.uniform(*chosen.opacity),
        extinction_per_m=generator.uniform(*chosen.extinction_per_m),
        wind_m_s=generator.normal(0.0, 1.6),
        gust_m_s=generator.uniform(0.1, 0.6),
        speed_m_s=generator.choice([0.0, generator.uniform(0.0, 15.0)]),
        exposure_s=1 / generator.uniform(30.0, 150.0),
        airlight=_color(grey + tint),
        streak_light=_color(gathered + tint),
        lens_drops=0.0 if sheltered else generator.uniform(*chosen.lens_drops),
        # A dark sky has the camera amplify.
        noise_levels=generator.uniform(*chosen.noise_levels) * 0.75 / grey,
    )


def named_severity(name: str) -> RainSeverity:
    """Return a named severity.

    Raises:
        ConfigError: the name is unknown; the message lists the valid ones.
    """
    if name not in SEVERITIES:
        raise ConfigError(f"Unknown severity {name!r}; valid: {', '.join(SEVERITIES)}.")
    return SEVERITIES[name]


def _color(values: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = np.clip(values, 0.0, 1.0).tolist()
    return red, green, blue
