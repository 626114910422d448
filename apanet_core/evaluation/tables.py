"""Results as Markdown tables, ready for a model card."""

from __future__ import annotations

from collections.abc import Iterable

from apanet_core.evaluation.flicker import Flicker
from apanet_core.evaluation.paired import PairedRain
from apanet_core.evaluation.quality import Quality, StereoQuality
from apanet_core.evaluation.rain_removal import RainRemoval
from apanet_core.evaluation.show import WEATHER


def rain_removal_table(found: RainRemoval) -> str:
    """Return a row per severity and their mean, the loss on dry pairs, and how the views fit."""
    parts = [
        quality_table("severity", [*found.severities.items(), ("mean", found.mean)]),
        f"Rain-free pairs come back at {found.clear_psnr:.2f} dB against themselves.",
    ]
    if found.stereo_mean is not None:
        parts.append(stereo_table("severity", [*found.stereo.items(), ("mean", found.stereo_mean)]))
    return "\n\n".join(parts)


def paired_table(found: PairedRain) -> str:
    """Return one row, and one more of how the views fit where that was measured."""
    parts = [quality_table("weather", [(WEATHER, found.quality)])]
    if found.stereo is not None:
        parts.append(stereo_table("weather", [(WEATHER, found.stereo)]))
    return "\n\n".join(parts)


def quality_table(title: str, rows: Iterable[tuple[str, Quality]]) -> str:
    """Return PSNR in dB and SSIM, in, out and gained, under a title for the rows' names."""
    lines = [
        f"| {title} | PSNR in | PSNR out | gain | SSIM in | SSIM out | gain |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in rows:
        lines.append(
            f"| {name} | {row.input_psnr:.2f} | {row.output_psnr:.2f} | "
            f"{row.output_psnr - row.input_psnr:+.2f} | {row.input_ssim:.4f} | "
            f"{row.output_ssim:.4f} | {row.output_ssim - row.input_ssim:+.4f} |"
        )
    return "\n".join(lines)


def stereo_table(title: str, rows: Iterable[tuple[str, StereoQuality]]) -> str:
    """Return the views' difference as a multiple of the clean one, and the bad disparities."""
    lines = [
        f"| {title} | views differ, in | out | bad-3px in | out | fewer |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in rows:
        lines.append(
            f"| {name} | ×{row.input_ratio:.2f} | ×{row.output_ratio:.2f} | "
            f"{row.input_bad:.1%} | {row.output_bad:.1%} | {row.bad_reduction:.1%} |"
        )
    return "\n".join(lines)


def flicker_table(found: Flicker) -> str:
    """Return one row: the flicker of input and output, and how much of the video was followed."""
    change = found.output - found.input
    return (
        "| frames | flicker in | flicker out | change | followed |\n"
        "|---|---|---|---|---|\n"
        f"| {found.steps + 1} | {found.input:.2f} | {found.output:.2f} | {change:+.2f} | "
        f"{found.followed:.1%} |"
    )
