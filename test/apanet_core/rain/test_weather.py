from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.rain.weather import SEVERITIES, RainSeverity, named_severity, sample_weather


@pytest.mark.parametrize("name", SEVERITIES)
def test_weather_stays_within_its_severity(name: str) -> None:
    severity = SEVERITIES[name]

    for seed in range(50):
        weather = sample_weather(name, np.random.default_rng(seed))

        assert weather.severity is severity
        assert severity.streaks_per_megapixel[0] <= weather.density
        assert weather.density <= severity.streaks_per_megapixel[1]
        assert severity.opacity[0] <= weather.opacity <= severity.opacity[1] <= 1
        assert severity.extinction_per_m[0] <= weather.extinction_per_m
        assert weather.extinction_per_m <= severity.extinction_per_m[1]
        assert 1 / 150 <= weather.exposure_s <= 1 / 30
        assert 0 <= weather.speed_m_s <= 15
        assert min(weather.airlight + weather.streak_light) >= 0
        assert max(weather.airlight + weather.streak_light) <= 1


def test_severities_grow() -> None:
    assert list(SEVERITIES) == ["drizzle", "light", "moderate", "heavy", "violent"]
    for setting in ("streaks_per_megapixel", "opacity", "extinction_per_m", "mean_drop_excess_mm"):
        middles = [np.mean(getattr(severity, setting)) for severity in SEVERITIES.values()]
        assert middles == sorted(set(middles)), setting


def test_the_same_seed_is_the_same_weather() -> None:
    first, again, other = (
        sample_weather("heavy", np.random.default_rng(seed)) for seed in (4, 4, 5)
    )

    assert first == again
    for field in ("density", "opacity", "wind_m_s", "exposure_s", "airlight"):
        assert getattr(first, field) != getattr(other, field)


def test_a_severity_of_your_own() -> None:
    hail = RainSeverity((5.0, 5.0), (0.25, 0.25), 2.0, (0.5, 0.5))

    weather = sample_weather(hail, np.random.default_rng(0))

    assert weather.severity is hail
    assert (weather.density, weather.opacity, weather.extinction_per_m) == (5.0, 0.25, 0.5)


@pytest.mark.parametrize(
    "ask", [named_severity, lambda name: sample_weather(name, np.random.default_rng(0))]
)
def test_an_unknown_name_lists_the_valid_ones(ask) -> None:
    with pytest.raises(
        ConfigError,
        match="Unknown severity 'monsoon'; valid: drizzle, light, moderate, heavy, violent",
    ):
        ask("monsoon")


def test_weather_cannot_change() -> None:
    weather = sample_weather("light", np.random.default_rng(0))

    with pytest.raises(dataclasses.FrozenInstanceError):
        weather.density = 1.0  # type: ignore[misc]
