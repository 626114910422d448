"""pip and colcon put the same things where ros2 run, ros2 launch and a shell look for them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_PACKAGES = ("apanet_core", "apanet_ros")
PACKAGE_PARTS = (
    *PYTHON_PACKAGES,
    *("config", "launch", "resource"),
    *("LICENSE", "package.xml", "pyproject.toml", "setup.cfg", "setup.py"),
)
INSTALLED_FILES = (
    "bin/apanet",
    "bin/derain_node",
    "lib/apanet_ros/derain_node",
    "share/ament_index/resource_index/packages/apanet_ros",
    "share/apanet_ros/package.xml",
)


@dataclass(frozen=True)
class Installation:
    """A prefix that apanet_ros is installed under, and the environment that uses it."""

    prefix: Path
    environment: Mapping[str, str]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            cwd=self.prefix,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace") / "src" / "apanet_ros"
    folder.mkdir(parents=True)
    for part in PACKAGE_PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy2(ROOT / part, folder / part)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir")
    succeed([sys.executable, "-m", "pip", "wheel", *options, folder, source], cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def pip_installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    prefix = tmp_path_factory.mktemp("pip_prefix")
    # Without --ignore-installed pip would first remove the package that is being worked on.
    options = ("--no-deps", "--no-index", "--ignore-installed", "--prefix")
    succeed([sys.executable, "-m", "pip", "install", *options, prefix, wheel], cwd=prefix)
    library = sysconfig.get_path("purelib", vars={"base": str(prefix)})
    front = {"PATH": prefix / "bin", "PYTHONPATH": library, "AMENT_PREFIX_PATH": prefix}
    return Installation(
        prefix,
        {
            **os.environ,
            **{name: f"{path}:{os.environ.get(name, '')}" for name, path in front.items()},
        },
    )


@pytest.fixture(scope="module")
def colcon_installation(source: Path) -> Installation:
    return colcon_build(source, "copied")


@pytest.fixture(scope="module")
def colcon_symlink_installation(source: Path) -> Installation:
    return colcon_build(source, "symlinked", "--symlink-install")


@pytest.fixture(params=["pip", "colcon", "colcon_symlink"])
def installation(request: pytest.FixtureRequest) -> Installation:
    installed: Installation = request.getfixturevalue(f"{request.param}_installation")
    return installed


def colcon_build(source: Path, name: str, *options: str) -> Installation:
    pytest.importorskip("colcon_core")
    workspace = source.parent.parent
    install = workspace / name / "install"
    bases = ("--build-base", install.parent / "build", "--install-base", install)
    colcon = [sys.executable, "-m", "colcon", "--log-base", install.parent / "log"]
    succeed([*colcon, "build", *bases, *options], cwd=workspace)
    return Installation(install / "apanet_ros", sourced(install / "setup.bash"))


def sourced(script: Path) -> dict[str, str]:
    command = 'source "$0" && exec env --null'
    output = succeed(["bash", "-c", command, script], cwd=script.parent)
    return dict(line.split("=", 1) for line in output.split("\0") if line)


def succeed(command: list[str | Path], cwd: Path) -> str:
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def data_files_of_packages() -> set[str]:
    """Paths, relative to the root, of the files beside the code: weights, model cards, recipes."""
    return {
        str(path.relative_to(ROOT))
        for package in PYTHON_PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }


def shared_files() -> list[str]:
    folders = [ROOT / "launch", ROOT / "config"]
    return [
        f"share/apanet_ros/{path.relative_to(ROOT)}"
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.is_file()
    ]


def test_every_part_lands_where_ros_2_looks(installation: Installation) -> None:
    missing = [
        name
        for name in (*INSTALLED_FILES, *shared_files())
        if not (installation.prefix / name).is_file()
    ]

    assert not missing


def test_the_launch_file_and_the_parameters_are_among_them() -> None:
    assert {
        "share/apanet_ros/launch/derain.launch.py",
        "share/apanet_ros/config/derain.yaml",
        "share/apanet_ros/config/fastdds.xml",
        "share/apanet_ros/config/derain.rviz",
        "share/apanet_ros/config/foxglove_layout.json",
    } <= set(shared_files())


def test_ament_index_finds_the_prefix(installation: Installation) -> None:
    pytest.importorskip("ament_index_python")
    lookup = (
        "from ament_index_python.packages import get_package_prefix; "
        "print(get_package_prefix('apanet_ros'))"
    )

    result = installation.run(sys.executable, "-c", lookup)

    assert result.stdout.strip() == str(installation.prefix), result.stderr


def test_packages_come_from_the_installation(installation: Installation) -> None:
    code = "import apanet_core, apanet_ros; print(apanet_core.__file__, apanet_ros.__file__)"

    result = installation.run(sys.executable, "-c", code)

    assert result.returncode == 0, result.stderr
    assert str(ROOT) + os.sep not in result.stdout


def test_data_files_are_installed_beside_the_code(installation: Installation) -> None:
    locate = "import apanet_core, pathlib; print(pathlib.Path(apanet_core.__file__).parent.parent)"
    library = Path(installation.run(sys.executable, "-c", locate).stdout.strip())

    missing = [name for name in data_files_of_packages() if not (library / name).is_file()]

    assert not missing


def test_node_starts_the_way_ros2_run_starts_it(installation: Installation) -> None:
    pytest.importorskip("rclpy")
    executable = installation.prefix / "lib" / "apanet_ros" / "derain_node"

    result = installation.run(executable, "--ros-args", "-p", "over_budget:=explode")

    assert result.returncode == 1
    assert "over_budget is one of passthrough, drop" in result.stderr


def test_command_line_is_on_the_path(installation: Installation) -> None:
    command = shutil.which("apanet", path=installation.environment["PATH"])

    assert command == str(installation.prefix / "bin" / "apanet")
    assert "replay" in installation.run(command, "--help").stdout


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert tops == {*PYTHON_PACKAGES, "apanet_ros-0.1.0.data", "apanet_ros-0.1.0.dist-info"}


def test_wheel_asks_for_torch_only_as_an_extra(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read("apanet_ros-0.1.0.dist-info/METADATA").decode()
    required = re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)

    assert [line for line in required if line.startswith("torch") and "extra" not in line] == []
    assert [line for line in required if line.startswith("torch")]


def test_package_xml_agrees_with_setup_py() -> None:
    manifest = ElementTree.parse(ROOT / "package.xml").getroot()

    assert manifest.findtext("name") == "apanet_ros"
    assert f'version="{manifest.findtext("version")}"' in (ROOT / "setup.py").read_text()
    assert manifest.findtext("export/build_type") == "ament_python"
