"""Rain on a stereo pair: weather constant over a sequence, drops in space, two views of them."""

from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.sequence import RainSequence
from apanet_core.rain.synthesis import add_rain
from apanet_core.rain.weather import SEVERITIES, RainSeverity, Weather, sample_weather
from apanet_core.rain.wet_ground import wet_ground

__all__ = [
    "SEVERITIES",
    "RainSequence",
    "RainSeverity",
    "StereoGeometry",
    "Weather",
    "add_rain",
    "sample_weather",
    "wet_ground",
]
