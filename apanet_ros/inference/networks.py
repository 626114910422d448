"""The networks of the ladder: loaded, warmed up at every operating point, and told apart."""

from __future__ import annotations

from collections.abc import Callable

from apanet_core.runtime.operating_points import LadderDerainer
from apanet_core.streaming.ladder import Ladder
from apanet_core.weights import resolve_weights
from apanet_core.weights.hashes import sha256
from apanet_ros.parameters import NodeOptions

Announce = Callable[[str], None]

_WARM_UP_SIZE = 128, 160
"""Height and width at which operating points are compared before the images' size is known."""


def load_networks(options: NodeOptions, announce: Announce) -> LadderDerainer:
    """Load what the operating points name, each network once.

    Raises:
        ApanetError: weights, backend, precision or device cannot be used.
    """
    # Only here: it brings in torch, which takes seconds.
    from apanet_core.runtime.derainer import StereoDerainer

    def load(model: str, precision: str) -> StereoDerainer:
        announce(f"Loading {model} ...")
        derainer = StereoDerainer(
            model,
            options.device,
            backend=options.backend,
            precision=precision,
            threads=options.threads,
            provider=options.provider,
            acceleration=options.acceleration,
            # A ladder of several rests an operating point whose memory runs out.
            spare_memory=len(options.operating_points) == 1,
            veil_removal=options.veil_removal,
            # Pictures of 16 bits come in full range from the conversion of messages.
            bits=16,
        )
        announce(f"Loaded {derainer.description}.")
        return derainer

    return LadderDerainer(options.operating_points, load)


def measure_ladder(
    derainer: LadderDerainer, ladder: Ladder, size: tuple[int, int] | None, announce: Announce
) -> None:
    """Warm every operating point up, and tell the ladder how long a pair takes there.

    Args:
        derainer: the networks.
        ladder: is told.
        size: height and width of the images; None compares the points at a small size.
        announce: takes a sentence on each.
    """
    height, width = size = size or _WARM_UP_SIZE
    for step, point in enumerate(derainer.points):
        seconds = derainer.warm_up(step, height, width)
        ladder.measure(step, size, seconds)
        announce(
            f"A warm pair of {width} x {height} takes {1000 * seconds:.1f} ms at operating "
            f"point {step} ({point}) on {derainer.device}."
        )


def model_hashes(derainer: LadderDerainer) -> str:
    """SHA-256 of each weights file, in the order of the ladder."""
    models = dict.fromkeys(point.model for point in derainer.points)
    return ", ".join(sha256(resolve_weights(model)) for model in models)
