from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NEEDS_MODULE = "import pytest\npytest.importorskip('no_such_package.part')\ndef test(): ...\n"
NEEDS_IN_TEST = "import pytest\ndef test(): pytest.importorskip('no_such_package')\n"


def run_pytest(folder: Path, source: str, may_lack: str | None) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(source + "def test_that_passes(): ...\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    environment.pop("APANET_MAY_LACK", None)
    if may_lack is not None:
        environment["APANET_MAY_LACK"] = may_lack
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "-q", str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", [NEEDS_MODULE, NEEDS_IN_TEST])
@pytest.mark.parametrize("may_lack", ["", "torch no_such_packages"])
def test_a_skip_for_a_package_that_must_be_there_fails_the_run(
    tmp_path: Path, source: str, may_lack: str
) -> None:
    result = run_pytest(tmp_path, source, may_lack)

    assert result.returncode == 1
    assert "skipped because 'no_such_package' is missing" in result.stdout


@pytest.mark.parametrize("may_lack", [None, "torch no_such_package"])
def test_a_skip_for_a_package_that_may_be_missing_passes(
    tmp_path: Path, may_lack: str | None
) -> None:
    result = run_pytest(tmp_path, NEEDS_IN_TEST, may_lack)

    assert result.returncode == 0, result.stdout
    assert "FAILED" not in result.stdout
