from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS_WHOLE_MODULE = "import pytest\npytest.importorskip('no_such_package.part')\n"
SKIPS_ONE_TEST = """
import pytest
def test_that_skips(): pytest.importorskip('absent_package')
def test_without_program(): pytest.skip("could not find the program 'absent_program': get it")
def test_that_passes(): ...
"""


def environment_of_pytest() -> dict[str, str]:
    """With our conftest as a plugin, and no other plugin."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def run_pytest(folder: Path, may_lack: str | None) -> subprocess.CompletedProcess[str]:
    (folder / "test_module.py").write_text(SKIPS_WHOLE_MODULE)
    (folder / "test_one.py").write_text(SKIPS_ONE_TEST)
    environment = environment_of_pytest()
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


def test_a_skip_for_a_package_that_must_be_there_fails_the_run(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, may_lack="torch no_such_packages")

    assert result.returncode == 1
    assert "skipped because 'no_such_package' is missing" in result.stdout
    assert "skipped because 'absent_package' is missing" in result.stdout
    assert "skipped because 'absent_program' is missing" in result.stdout


@pytest.mark.parametrize("may_lack", [None, "no_such_package absent_package absent_program"])
def test_a_skip_for_a_package_that_may_be_missing_passes(
    tmp_path: Path, may_lack: str | None
) -> None:
    result = run_pytest(tmp_path, may_lack)

    assert result.returncode == 0, result.stdout
    assert "1 passed, 3 skipped" in result.stdout


def test_processes_that_tests_start_can_be_interrupted_in_a_shells_background_too(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_interrupt.py").write_text(
        "import signal, subprocess, sys\n"
        "def test_child():\n"
        "    code = 'import signal; print(signal.getsignal(signal.SIGINT))'\n"
        "    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)\n"
        "    assert 'default_int_handler' in out.stdout\n"
    )
    program = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-c", "/dev/null", tmp_path]

    # As a shell without job control starts what ends in "&".
    done = subprocess.run(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *map(str, program)],
        env=environment_of_pytest(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
