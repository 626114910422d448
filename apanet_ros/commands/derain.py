"""`apanet derain`: derains pictures, videos and bags, one or many."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.errors import ApanetError, ConfigError
from apanet_core.number_arguments import real_number, whole_number
from apanet_core.output_files import InputPlaces
from apanet_core.recordings.inputs import (
    Kind,
    Recording,
    are_several,
    check_names,
    find_recordings,
)
from apanet_ros.side_by_side_argument import add_side_by_side, check_side_by_side

if TYPE_CHECKING:
    from apanet_core.recordings.fleet import Outcome
    from apanet_core.recordings.job import Job
    from apanet_core.recordings.tally import Tally

NAME = "derain"
HELP = "derain pictures, videos and rosbag2 recordings"

DESCRIPTION = """\
Derain a recording of a rectified stereo camera. INPUT is one of

  LEFT.png RIGHT.png      a pair of pictures; OUTPUT is a folder
  LEFT/ RIGHT/            two folders, paired by file name; or one folder that holds left/ right/,
                          image_2/ image_3/ (KITTI), or pictures called x_L x_R, im0 im1 and so on
  VIDEO                   a side-by-side video; OUTPUT is a video (.mp4, .mkv, .avi, .mov)
  LEFT.mp4 RIGHT.mp4      two videos, paired by time; OUTPUT is a folder
  BAG                     a rosbag2, sqlite3 or MCAP, of raw or compressed images
  several of these        or a pattern such as 'drives/*': each goes into the folder OUTPUT, also
                          where the pattern matches just one

In a bag the cameras are found by their names. Derained images, with copies of their camera_infos,
go beside the originals as /stereo/derained/left/image_rect, or take their place with --instead.
Everything else is copied byte for byte, stamps and times are kept. What cannot be read is counted,
told and copied. Run the same command again to go on where it was interrupted.
"""
EPILOG = """\
examples:
  apanet derain left.png right.png -o derained --compare look
  apanet derain drive/left drive/right -o drive/derained
  apanet derain rainy_bag -o derained_bag --compare before_after.mp4
  apanet derain bag -o out --topics /cam0/image_raw/compressed /cam1/image_raw/compressed --instead
  apanet derain 'bags/*' -o derained --processes 2
  apanet derain bags/* -o derained --ray auto         on a Ray cluster, over storage they share

.mkv keeps every pixel (FFV1); .mp4, .mov and .avi compress. Frames keep their times, and sound is
copied where the ending takes it. Pictures keep their format, their bits (8, 16, or 10 to 14 of
16), their alpha, and gray stays gray. docs/recordings.md has the rest.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet derain`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="see above")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUTPUT")
    parser.add_argument(
        "--model", default="tiny", help="shipped weights by name, or a file (default: tiny)"
    )
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)"
    )
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="PATH",
        help="write rainy beside derained: a video if it ends as one (.mp4, .mkv, .avi, .mov), "
        "else a folder of pictures",
    )
    parser.add_argument(
        "--veil-removal",
        type=real_number(0, 1),
        default=1.0,
        metavar="SHARE",
        help="how much of the veil goes, 0 to 1 (default: 1); at 0 streaks and drops go and the "
        "brightness of the pictures stays",
    )
    parser.add_argument("--force", action="store_true", help="replace existing output")
    bag = parser.add_argument_group("bags")
    bag.add_argument(
        "--topics", nargs=2, metavar=("LEFT", "RIGHT"), help="image topics (default: found)"
    )
    add_side_by_side(bag)
    bag.add_argument(
        "--instead", action="store_true", help="derained images take the originals' topics"
    )
    bag.add_argument(
        "--slop",
        type=real_number(0, 1000),
        default=10.0,
        metavar="MS",
        help="largest difference of left and right stamps, as `apanet check-bag` advises; in "
        "milliseconds (default: 10)",
    )
    bag.add_argument(
        "--right-offset",
        type=real_number(-10_000, 10_000),
        default=0.0,
        metavar="MS",
        help="added to right stamps before they are compared, the node's right_time_offset_ms",
    )
    fleet = parser.add_argument_group("many recordings")
    fleet.add_argument(
        "--each", action="store_true", help="two inputs are two recordings, not left and right"
    )
    fleet.add_argument(
        "--processes",
        type=whole_number(1),
        default=1,
        metavar="N",
        help="on this machine (default: 1)",
    )
    fleet.add_argument(
        "--ray", metavar="ADDRESS", help="spread over a Ray cluster: auto, or HOST:PORT of its head"
    )


def run(arguments: argparse.Namespace) -> int:
    """Derain and print what became of the pairs; returns 2 where one of many failed."""
    recordings = find_recordings(arguments.inputs, arguments.each)
    if not any(recording.kind is Kind.BAG for recording in recordings):
        for option in ("topics", "instead", "side_by_side"):
            if getattr(arguments, option):
                name = option.replace("_", "-")
                raise ConfigError(f"--{name} is for bags, and no input is one.")
    check_side_by_side(arguments.side_by_side, topics=arguments.topics, instead=arguments.instead)
    if arguments.ray or are_several(arguments.inputs, arguments.each):
        return _derain_many(arguments, recordings)

    from apanet_core.recordings.job import ComparisonInterrupted
    from apanet_ros.bags.derain_job import derain_any

    job = _job(arguments, recordings[0], arguments.output, arguments.compare)
    _refuse_inputs([job])
    try:
        tally = derain_any(job)
    except ComparisonInterrupted:
        print(
            f"interrupted; {job.output} is whole and only {job.compare} is missing: run the same "
            "command again with --force to make both anew",
            file=sys.stderr,
        )
        raise
    except KeyboardInterrupt:
        _say_what_is_kept(job)
        raise
    _report(job, tally)
    return 0


def _refuse_inputs(jobs: Sequence[Job]) -> None:
    """Refuse outputs that any of the jobs reads, and a comparison in its output's place."""
    inputs = InputPlaces(path for job in jobs for path in job.recording.paths)
    for job in jobs:
        for target in (job.output, job.compare):
            if target is not None:
                inputs.refuse(target)
        if job.compare is not None and job.compare.resolve() == job.output.resolve():
            raise ConfigError(f"{job.compare} is the output as well; give another --compare.")


def _say_what_is_kept(job: Job) -> None:
    from apanet_core.recordings.unfinished import work_folder_of

    kept = work_folder_of(job.output).exists()
    there = "run the same command again to go on from here" if kept else "nothing was whole yet"
    print(f"interrupted; {there}", file=sys.stderr)


def _derain_many(arguments: argparse.Namespace, recordings: Sequence[Recording]) -> int:
    check_names(recordings, compared=arguments.compare is not None)
    jobs = [_job_of_many(arguments, recording) for recording in recordings]
    _refuse_inputs(jobs)
    arguments.output.mkdir(parents=True, exist_ok=True)
    failed = done = 0
    try:
        for number, (job, outcome) in enumerate(_outcomes(arguments, jobs), 1):
            print(f"[{number}/{len(jobs)}] ", end="")
            if isinstance(outcome, str):
                failed += 1
                print(f"{job.recording.name}: failed: {outcome}", flush=True)
            else:
                done += 1
                _report(job, outcome)
    except KeyboardInterrupt:
        are = "is" if done == 1 else "are"
        print(
            f"interrupted; {done} of {len(jobs)} recordings {are} whole, and of the others what "
            "was derained is kept: run the same command again to go on from here (it names "
            "the whole ones as existing, and leaves them as they are)",
            file=sys.stderr,
        )
        raise
    if failed:
        others = "; the others are whole" if failed < len(jobs) else ""
        raise ApanetError(f"{failed} of {len(jobs)} recordings failed{others}.")
    return 0


def _outcomes(arguments: argparse.Namespace, jobs: Sequence[Job]) -> Iterator[Outcome]:
    from apanet_core.recordings.fleet import attempt, over_processes, over_ray
    from apanet_ros.bags.derain_job import derain_any

    if arguments.ray:
        return over_ray(derain_any, jobs, arguments.ray)
    if arguments.processes > 1:
        return over_processes(derain_any, jobs, arguments.processes)
    return ((job, attempt(derain_any, job)) for job in jobs)


def _job_of_many(arguments: argparse.Namespace, recording: Recording) -> Job:
    compare = arguments.compare
    if compare is not None:
        compare = compare / recording.comparison_name
    return _job(arguments, recording, arguments.output / recording.name, compare)


def _job(
    arguments: argparse.Namespace, recording: Recording, output: Path, compare: Path | None
) -> Job:
    from apanet_core.recordings.job import Job

    return Job(
        # Workers elsewhere may have another working folder.
        recording=Recording(recording.kind, tuple(path.absolute() for path in recording.paths)),
        output=output.absolute(),
        model=arguments.model,
        device=arguments.device,
        compare=compare.absolute() if compare else None,
        force=arguments.force,
        instead=arguments.instead,
        topics=tuple(arguments.topics) if arguments.topics else None,
        slop_ms=arguments.slop,
        right_offset_ms=arguments.right_offset,
        veil_removal=arguments.veil_removal,
        side_by_side=arguments.side_by_side,
    )


def _report(job: Job, tally: Tally) -> None:
    for sentence in [*tally.remarks, *tally.examples]:
        print(f"apanet derain: {sentence}", file=sys.stderr)
    print(f"{job.output}: {tally.sentence()}", flush=True)
