"""How hard it rains, and one draw of wind, light and haze that lasts a whole sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apanet_core.errors import ConfigError

Range = tuple[float, float]


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
    """

    streaks_per_megapixel: Range
    opacity: Range
    mean_drop_excess_mm: float
    extinction_per_m: Range


SEVERITIES: dict[str, RainSeverity] = {
    "drizzle": RainSeverity((2500, 5000), (0.35, 0.55), 0.5, (0.0, 0.001)),
    "light": RainSeverity((4000, 7000), (0.40, 0.65), 0.7, (0.0005, 0.002)),
    "moderate": RainSeverity((7000, 11000), (0.50, 0.75), 0.9, (0.001, 0.003)),
    "heavy": RainSeverity((11000, 16000), (0.60, 0.85), 1.1, (0.002, 0.005)),
    "violent": RainSeverity((16000, 24000), (0.65, 0.95), 1.3, (0.003, 0.008)),
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
    return Weather(
        severity=chosen,
        density=generator.uniform(*chosen.streaks_per_megapixel),
        opacity=generator.uniform(*chosen.opacity),
        extinction_per_m=generator.uniform(*chosen.extinction_per_m),
        wind_m_s=generator.normal(0.0, 1.6),
        gust_m_s=generator.uniform(0.1, 0.9),
        speed_m_s=generator.choice([0.0, generator.uniform(0.0, 15.0)]),
        exposure_s=1 / generator.uniform(30.0, 150.0),
        airlight=_color(grey + tint),
        streak_light=_color(gathered + tint),
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
