"""`apanet evaluate`: what a model gains over the rainy input, per severity."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from apanet_core.evaluation.rain_removal import RainRemoval

NAME = "evaluate"
HELP = "measure PSNR and SSIM on clean pairs with rendered rain, per severity"

DESCRIPTION = """\
Render rain of every severity on a folder of clean, rectified pairs (left/ and right/, paired by
name), derain whole frames and print PSNR and SSIM against the clean pairs, as a Markdown table.

example:
  apanet evaluate tiny kitti/val
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet evaluate`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", help="shipped name, .safetensors, released .pth or .onnx")
    parser.add_argument("folder", type=Path, help="folder with left/ and right/")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")
    parser.add_argument("--seed", type=int, default=2025, help="of the rain (default 2025)")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; returns 0."""
    from apanet_core.data.scene import load_scene
    from apanet_core.data.stereo_folder import stereo_folder
    from apanet_core.evaluation.rain_removal import evaluate_rain_removal
    from apanet_core.runtime.derainer import StereoDerainer

    derainer = StereoDerainer(arguments.model, arguments.device)
    pairs = stereo_folder(arguments.folder)
    scenes = [load_scene(pair) for pair in tqdm(pairs, desc="load", unit="pair")]
    found = evaluate_rain_removal(derainer.derain, scenes, arguments.seed)
    print(f"{derainer.description}, {len(scenes)} pairs, seed {arguments.seed}\n")
    print(markdown_table(found))
    return 0


def markdown_table(found: RainRemoval) -> str:
    """Return the results as a Markdown table, one row per severity."""
    lines = [
        "| severity | PSNR in | PSNR out | gain | SSIM in | SSIM out | gain |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in [*found.severities.items(), ("mean", found.mean)]:
        lines.append(
            f"| {name} | {row.input_psnr:.2f} | {row.output_psnr:.2f} | "
            f"{row.output_psnr - row.input_psnr:+.2f} | {row.input_ssim:.4f} | "
            f"{row.output_ssim:.4f} | {row.output_ssim - row.input_ssim:+.4f} |"
        )
    lines.append(f"\nRain-free pairs come back at {found.clear_psnr:.2f} dB against themselves.")
    return "\n".join(lines)
