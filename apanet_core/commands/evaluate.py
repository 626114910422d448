"""`apanet evaluate`: measure models, or make pictures to judge them by eye."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from apanet_core.commands.evaluate_options import add_arguments, check
from apanet_core.evaluation.cameras import choose_cameras
from apanet_core.evaluation.layout import Layout, find_layout
from apanet_core.progress import progress

if TYPE_CHECKING:
    from apanet_core.evaluation.method import Method
    from apanet_core.evaluation.perceptual import PerceptualMeasure
    from apanet_core.evaluation.pictures import PictureFolder
    from apanet_core.evaluation.protocol import Protocol
    from apanet_core.evaluation.section import Section
    from apanet_core.evaluation.trials import GivenRain, RenderedRain

__all__ = ["HELP", "NAME", "add_arguments", "run"]

NAME = "evaluate"
HELP = "measure what models gain over rainy pictures, pairs and videos"


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; returns 0."""
    layout = find_layout(arguments.folder)
    check(arguments, layout)
    methods = _load_methods(arguments)
    if arguments.video:
        print(_measure_video(arguments, methods))
    elif layout is Layout.PICTURES and not arguments.clean:
        print(_show_pictures(arguments, methods))
    else:
        _measure(arguments, methods, layout)
    return 0


def _load_methods(arguments: argparse.Namespace) -> list[Method]:
    from apanet_core.evaluation.baselines import baselines
    from apanet_core.evaluation.models import load_models

    simple = baselines() if arguments.baselines else []
    names = [method.name for method in simple]
    tiled = _cut(arguments) == "tiled"
    models = load_models(
        arguments.models,
        arguments.device,
        tiled,
        names,
        precision=arguments.precision,
        veil_removal=arguments.veil_removal,
    )
    return [*models, *simple]


def _cut(arguments: argparse.Namespace) -> str:
    return "tiled" if arguments.tiled else arguments.protocol or "whole"


def _measure(arguments: argparse.Namespace, methods: Sequence[Method], layout: Layout) -> None:
    """Print figures as they come, for an hour's are not to be lost where what follows fails."""
    from apanet_core.evaluation.comparison import compare
    from apanet_core.evaluation.folder_trials import find_trials
    from apanet_core.evaluation.perceptual import choose_perceptual
    from apanet_core.evaluation.printed import printed_comparison
    from apanet_core.evaluation.report import write_report
    from apanet_core.evaluation.trials import RenderedRain

    perceptual = choose_perceptual(arguments.lpips, arguments.device)
    trials, names, what = find_trials(arguments.folder, layout, arguments.seed, arguments.limit)
    show = _picture_folder(arguments, names)
    found = compare(
        methods, trials, stereo=arguments.stereo, perceptual=perceptual.distance, show=show
    )
    seed = arguments.seed if isinstance(trials, RenderedRain) else None
    seeded = what if seed is None else f"{what}, seed {seed}"
    print(printed_comparison(found, perceptual, f"{seeded}{_written(show)}"), flush=True)
    sections = []
    for section in _sections(arguments, methods, trials):
        print(f"\n{section.markdown}", flush=True)
        sections.append(section)
    if arguments.report is not None:
        protocol = _protocol(arguments, what, seed, perceptual)
        write_report(found, trials, protocol, arguments.report, arguments.force, sections)
        print(f"\nThe report is {arguments.report / 'report.html'}.")


def _sections(
    arguments: argparse.Namespace, methods: Sequence[Method], trials: RenderedRain | GivenRain
) -> Iterator[Section]:
    from apanet_core.evaluation.camera_section import measure_cameras
    from apanet_core.evaluation.inside_lens_drops import measure_inside_lens_drops
    from apanet_core.evaluation.other_views import measure_other_views
    from apanet_core.evaluation.trials import RenderedRain

    if arguments.cameras is not None:
        cameras = choose_cameras(arguments.cameras)
        yield measure_cameras(methods, trials, cameras, arguments.seed)
    if isinstance(trials, RenderedRain):
        models = [method for method in methods if method.learned]
        if arguments.other_view:
            yield measure_other_views(models, trials, arguments.seed)
        if arguments.lens_drops:
            yield measure_inside_lens_drops(methods, trials)


def _protocol(
    arguments: argparse.Namespace, what: str, seed: int | None, perceptual: PerceptualMeasure
) -> Protocol:
    from apanet_core.evaluation.protocol import Protocol
    from apanet_core.machine import describe_commit, describe_machine

    return Protocol(
        folder=str(arguments.folder),
        what=what,
        cut=_cut(arguments),
        seed=seed,
        lpips=perceptual.remark,
        lpips_title=perceptual.title,
        machine=describe_machine(),
        commit=describe_commit(),
        veil_removal=arguments.veil_removal,
    )


def _measure_video(arguments: argparse.Namespace, methods: Sequence[Method]) -> str:
    from apanet_core.evaluation.flicker import evaluate_flicker
    from apanet_core.evaluation.tables import flicker_table, markdown
    from apanet_core.imaging.files import pictures_in, read_picture
    from apanet_core.imaging.white_level import WhiteLevel

    paths = pictures_in(arguments.folder)[: arguments.limit]
    parts = []
    for method in methods:
        show = _picture_folder(arguments, [path.stem for path in paths])
        level = WhiteLevel()
        frames = (read_picture(path, level) for path in progress(paths, "evaluate", unit="frame"))
        found = evaluate_flicker(method.derain, frames, show)
        parts.append(f"{method.description}, {len(paths)} frames as both views{_written(show)}")
        parts.append(markdown(flicker_table(found)))
    return "\n\n".join(parts)


def _show_pictures(arguments: argparse.Namespace, methods: Sequence[Method]) -> str:
    from apanet_core.evaluation.folder_trials import limited
    from apanet_core.evaluation.pictures import PictureFolder, show_derained
    from apanet_core.evaluation.printed import headline
    from apanet_core.imaging.files import pictures_in, read_picture

    # Only these are derained, for there is nothing to measure on the others.
    paths = limited(pictures_in(arguments.folder)[:: arguments.every], arguments.limit)
    show = PictureFolder(arguments.pictures, [path.stem for path in paths], every=1)
    pictures = (read_picture(path) for path in progress(paths, "derain", unit="picture"))
    show_derained(methods, pictures, show)
    return headline(methods, f"{len(paths)} pictures as both views{_written(show)}")


def _picture_folder(arguments: argparse.Namespace, names: list[str]) -> PictureFolder | None:
    from apanet_core.evaluation.pictures import PictureFolder

    if arguments.pictures is None:
        return None
    return PictureFolder(arguments.pictures, names, arguments.every)


def _written(show: PictureFolder | None) -> str:
    return f"; {show.count} side by side in {show.folder}" if show is not None else ""
