"""Results of a benchmark: kept as JSON, read back, compared, as a table and as a plot."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apanet_core.benchmark.case import WHOLE, Case, Result, Roofline
from apanet_core.errors import ConfigError
from apanet_core.output_files import replaced

STAGES = ("pad", "upload", "network", "download", "crop")

HEADER = (
    "| model | size | M param | GMAC | p50 ms | p95 ms | p99 ms | pad | upload | network "
    "| download | crop | memory MiB | estimate | against |",
    "|---|---|" + "---:|" * 12 + "---|",
)


@dataclass(frozen=True)
class Report:
    """Results of one run.

    Attributes:
        machine: processor, cores, system and Python.
        commit: of this package.
        results: in the order measured.
    """

    machine: str
    commit: str
    results: tuple[Result, ...]


def save_report(report: Report, path: Path) -> None:
    """Write a report as JSON, aside first and then renamed."""
    values = {
        "machine": report.machine,
        "commit": report.commit,
        "results": [result.to_dict() for result in report.results],
    }
    with replaced(path) as aside:
        aside.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def load_report(path: Path) -> Report:
    """Read what `save_report` wrote.

    Raises:
        ConfigError: there is no such file, or it is no report.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        results = tuple(Result.from_dict(result) for result in values["results"])
        return Report(values["machine"], values["commit"], results)
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no report of `apanet bench`: give what -o wrote.") from error


def table(results: Sequence[Result], earlier: Iterable[Result] = ()) -> str:
    """Return the results as a Markdown table.

    The last column says how many times faster a network is than the released formulation of it
    measured in the same run, and than the same case in an earlier report.
    """
    now, before = ({_key(found.case): found for found in rows} for rows in (results, earlier))
    return "\n".join([*HEADER, *(_row(result, now, before) for result in results)])


def _row(result: Result, now: dict[Any, Result], before: dict[Any, Result]) -> str:
    case, whole = result.case, result.stages[WHOLE]
    cells = (
        case.network,
        f"{case.width}x{case.height}",
        "" if result.parameters is None else f"{result.parameters / 1e6:.2f}",
        "" if result.gmacs is None else f"{result.gmacs:.1f}",
        *(f"{value:.1f}" for value in (whole.p50, whole.p95, whole.p99)),
        *(f"{result.stages[stage].p50:.1f}" for stage in STAGES),
        f"{result.working_mib:.0f}",
        f"{result.estimated_mib:.0f}" if result.estimated_mib else "",
        ", ".join(_comparisons(result, now, before)),
    )
    return f"| {' | '.join(cells)} |"


def _comparisons(
    result: Result, now: dict[Any, Result], before: dict[Any, Result]
) -> Iterator[str]:
    whole = result.stages[WHOLE].p50
    if result.fidelity_db is not None:
        yield f"{result.fidelity_db:.1f} dB from float32"
    if result.roofline is not None:
        yield _limits(result.roofline, result.stages["network"].p50)
    released = now.get(_key(dataclasses.replace(result.case, released=True)))
    if released is not None and not result.case.released:
        memory = released.working_mib / result.working_mib
        times = released.stages[WHOLE].p50 / whole
        yield f"{times:.1f} x faster, 1/{memory:.1f} of the memory of released"
    earlier = before.get(_key(result.case))
    if earlier is not None:
        yield f"{earlier.stages[WHOLE].p50 / whole:.2f} x earlier"


def _limits(limit: Roofline, network: float) -> str:
    operations, moved = limit.operations_ms, limit.bytes_ms
    return (
        f"{network / operations:.1f} x the {operations:.1f} ms of its operations at "
        f"{limit.gmacs_per_s:.0f} GMAC/s, {network / moved:.1f} x the {moved:.1f} ms of its bytes "
        f"at {limit.gb_per_s:.1f} GB/s"
    )


def _key(case: Case) -> tuple[object, ...]:
    # What was measured decides, not how often.
    return dataclasses.astuple(dataclasses.replace(case, warm_up=0, repeat=0, roofline=False))
