"""No green by skipping: a test that needs torch or rclpy skips without it, but only where it may.

Tests ask for such packages with `pytest.importorskip`; for want of a program they skip with "could
not find the program 'NAME'". `APANET_MAY_LACK` names, with spaces between, the packages and
programs this machine may lack; where it is set, a skip for want of any other fails the run. `make
test` sets it. Where it is unset every such skip is let through.

And tests may interrupt the processes they start, in the background of a shell too.
"""

from __future__ import annotations

import os
import re
import signal

import pytest

MISSING = re.compile(r"could not (?:import|find the program) '([^']+)'")

_missing: set[str] = set()


def pytest_configure() -> None:
    # A shell lets what it starts in the background ignore SIGINT, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note_missing(report)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _note_missing(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _forbidden() and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for package in sorted(_forbidden()):
        terminalreporter.write_line(
            f"FAILED: tests were skipped because '{package}' is missing; install it, or add it to "
            "APANET_MAY_LACK",
            red=True,
        )


def _note_missing(report: pytest.CollectReport | pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        match = MISSING.search(report.longrepr[2])
        if match:
            _missing.add(match[1].partition(".")[0])


def _forbidden() -> set[str]:
    may_lack = os.environ.get("APANET_MAY_LACK")
    return set() if may_lack is None else _missing - set(may_lack.split())
