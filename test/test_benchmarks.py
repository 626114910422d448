"""The commands that measure docs/benchmarks.md, without measuring."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("cv2")

from apanet_core.commands import evaluate

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "tools" / "measure_benchmarks"
PAGE = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")

RECORD = """\
#!/usr/bin/env bash
printf '%s\\t' "$@" >> "$CALLS"
printf '\\n' >> "$CALLS"
if [[ -n ${FAIL:-} && $* == *$FAIL* ]]; then exit 1; fi
echo "figures of $*"
"""


@pytest.fixture
def measure(tmp_path):
    """Run the script with an `apanet` that notes its arguments; returns them, and the result."""
    program, calls = tmp_path / "apanet", tmp_path / "calls"
    program.write_text(RECORD)
    program.chmod(0o755)

    def run(
        *words: str, fail: str = ""
    ) -> tuple[list[list[str]], subprocess.CompletedProcess[str]]:
        calls.write_text("")
        environment = os.environ | {"APANET": str(program), "CALLS": str(calls), "FAIL": fail}
        command = [str(SCRIPT), *words]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return [line.split("\t")[:-1] for line in calls.read_text().splitlines()], done

    return run


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    assert words[0] == "evaluate"
    return parser.parse_args(words[1:])


def test_every_command_is_one_that_evaluate_takes(measure) -> None:
    calls, done = measure("data", "out", "tiny", "other")

    assert done.returncode == 0, done.stderr
    for call in map(parsed, calls):
        assert call.models == ["tiny", "other"]
        assert call.report.parent == Path("out")
    by_name = {parsed(call).report.name: parsed(call) for call in calls}
    assert by_name["rain100l"].folder == Path("data/benchmark_rain100l")
    assert by_name["kitti"].cameras == []
    assert by_name["kitti_veil_kept"].veil_removal == 0


def test_the_page_has_a_folder_and_a_place_for_every_measurement(measure) -> None:
    calls, _ = measure("data", "out", "tiny")

    for call in map(parsed, calls):
        assert f"`{call.folder.relative_to('data')}/" in PAGE
        assert f"OUT/{call.report.name}.md" in PAGE


def test_every_peer_names_its_source() -> None:
    rows = [row for row in PAGE.splitlines() if re.match(r"\|.*\|.*\d\d\.\d\d \|", row)]
    rows = [row for row in rows if not row.startswith(("| input ", "| tiny "))]

    assert len(rows) > 20
    assert all(re.search(r"\| (\[\d\]|<https://\S+>) \|$", row) for row in rows)
    for number in set(re.findall(r"\| \[(\d)\] \|", PAGE)):
        assert re.search(rf"^\[{number}\] ", PAGE, re.MULTILINE)


def test_an_interrupted_run_goes_on(measure, tmp_path) -> None:
    calls, done = measure("data", "out", "tiny", fail="raincityscapes")
    assert (len(calls), done.returncode) == (2, 1)
    assert [path.name for path in (tmp_path / "out").glob("*.md")] == ["rain100l.md"]

    calls, done = measure("data", "out", "tiny")

    assert done.returncode == 0
    assert "out/rain100l.md is there already." in done.stdout
    assert parsed(calls[0]).report.name == "raincityscapes"
    printed = (tmp_path / "out" / "raincityscapes.md").read_text()
    assert printed.startswith("figures of evaluate tiny data/rain_single/val")
    assert not list((tmp_path / "out").glob("*.part"))


def test_too_few_arguments_are_refused_with_the_usage(measure) -> None:
    calls, done = measure("data", "out")

    assert (calls, done.returncode) == ([], 2)
    assert done.stderr == "usage: tools/measure_benchmarks DATA OUT MODEL...\n"
