"""The demo from beginning to end: scene, rain, bag, node, bag, picture and table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apanet_core.machine import describe_commit, describe_machine
from apanet_core.progress import progress
from apanet_core.sequences.rainy_frames import rain_on
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_core.weights import resolve_weights
from apanet_ros.bags.stereo_bag import StereoBagWriter, read_images
from apanet_ros.bags.writer import check_bag_target
from apanet_ros.demo.derain_bag import derain_bag
from apanet_ros.demo.matching import Matching, compare_matching
from apanet_ros.demo.picture import draw_comparison
from apanet_ros.demo.quality import Images, Quality, compare, images_of
from apanet_ros.demo.report import Measurement, as_table, counters_of, stages_of, write_report
from apanet_ros.demo.scene import motorcycle_drive
from apanet_ros.errors import DemoError
from apanet_ros.node_process import OUTPUT_NAMESPACE

PAIRS_PER_SECOND = 10.0


@dataclass(frozen=True)
class DemoOptions:
    """What to show.

    Attributes:
        output: folder for everything that comes out.
        severity, seed: of the rain.
        pairs: length of the drive.
        model, device: as `StereoDerainer` takes them.
        rate: of the replay, times real time; None waits for each pair where the node is slower.
    """

    output: Path
    severity: str = "heavy"
    seed: int = 0
    pairs: int = 40
    model: str = "tiny"
    device: str = "auto"
    rate: float | None = None


def run_demo(options: DemoOptions) -> Measurement:
    """Run the demo, write its files into `options.output` and return what was measured.

    Raises:
        ApanetError: the model or device cannot be used, the node fails, or nothing comes out.
    """
    rainy_bag, derained_bag = options.output / "rainy", options.output / "derained"
    for bag in (rainy_bag, derained_bag):
        check_bag_target(bag, force=True)
    resolve_weights(options.model)
    clean = list(motorcycle_drive(options.pairs, PAIRS_PER_SECOND))
    write_rainy_bag(clean, rainy_bag, options)
    log = options.output / "node.log"
    run = derain_bag(rainy_bag, derained_bag, options.model, options.device, options.rate, log)
    quality, matching = show(clean, rainy_bag, derained_bag, options)
    pairs = run.diagnostics["pairs"]
    measurement = Measurement(
        machine=describe_machine(),
        commit=describe_commit(),
        model=run.diagnostics["network"]["model"],
        scene=_scene(options),
        pairs=options.pairs,
        replay_rate=options.pairs / PAIRS_PER_SECOND / run.replay_s,
        counters=counters_of(pairs),
        stages_ms=stages_of(pairs),
        quality=quality,
        matching=matching,
    )
    write_report(options.output, measurement)
    print(f"\n{as_table(measurement)}\n\n{_outcome(options.output)}")
    return measurement


def write_rainy_bag(clean: Sequence[StereoFrame], bag: Path, options: DemoOptions) -> None:
    """Let it rain on the `clean` frames and write them as a bag."""
    rainy = rain_on(clean, options.severity, options.seed)
    with StereoBagWriter(bag, force=True) as writer:
        for frame in progress(rainy, "rain", len(clean), unit="pair"):
            writer.write(frame)


def show(
    clean: Sequence[StereoFrame], rainy_bag: Path, derained_bag: Path, options: DemoOptions
) -> tuple[Quality, Matching]:
    """Draw the middle one of the derained pairs, and compare them with the clean ones.

    Raises `DemoError` when no pair came out.
    """
    dry = images_of(clean)
    rainy = _by_stamp(rainy_bag)
    derained = _by_stamp(derained_bag, OUTPUT_NAMESPACE)
    stamps = sorted({stamp for stamp, _ in derained})
    if not stamps:
        raise DemoError(f"No pair was derained; {options.output / 'node.log'} may say why.")
    quality = compare(dry, rainy, derained)
    title = (
        f"{_scene(options)}, model {Path(options.model).name}: PSNR {quality.rainy_psnr:.1f} dB to "
        f"{quality.derained_psnr:.1f} dB on average over {len(stamps)} pairs"
    )
    middle = stamps[len(stamps) // 2]
    draw_comparison(options.output / "demo.png", middle, rainy, derained, dry, title)
    return quality, compare_matching(clean, rainy, derained)


def _by_stamp(bag: Path, *namespace: str) -> Images:
    return {(stamp, view): image for stamp, view, image in read_images(bag, *namespace)}


def _scene(options: DemoOptions) -> str:
    return f"Middlebury motorcycle in rendered {options.severity} rain (seed {options.seed})"


def _outcome(folder: Path) -> str:
    return (
        f"{folder / 'demo.png'}     the picture\n"
        f"{folder / 'derained'}     the derained bag, {folder / 'rainy'} the rainy one\n"
        f"{folder / 'latency.md'}   this table, and latency.json"
    )
