"""Imports point one way, apanet_ros -> apanet_core; the core knows no ROS type and needs no torch
where a robot runs an exported network."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE_FILES = sorted((ROOT / "apanet_core").rglob("*.py"))
ROS_FILES = sorted((ROOT / "apanet_ros").rglob("*.py"))

ROS_PACKAGES = {
    "ament_index_python",
    "apanet_ros",
    "builtin_interfaces",
    "cv_bridge",
    "launch",
    "launch_ros",
    "message_filters",
    "rclpy",
    "rosbag2_py",
    "rosidl_runtime_py",
    "tf2_ros",
}
MESSAGE_SUFFIXES = ("_msgs", "_srvs", "_interfaces")

# What only an apt installation of ROS 2 has: the common path must do without.
ONLY_IN_AN_INSTALLATION = {"cv_bridge", "launch", "launch_ros", "message_filters", "rosbag2_py"}

# These compute with torch; everything else imports without it.
MAY_NEED_TORCH = (
    "apanet_core.benchmark.complexity",
    "apanet_core.benchmark.paper_size",
    "apanet_core.benchmark.released_formulation",
    "apanet_core.benchmark.roofline",
    "apanet_core.data",
    "apanet_core.evaluation",
    "apanet_core.export",
    "apanet_core.imaging.padding",
    "apanet_core.imaging.tiling",
    "apanet_core.losses",
    "apanet_core.metrics.lpips",
    "apanet_core.network",
    "apanet_core.runtime.acceleration",
    "apanet_core.runtime.devices",
    "apanet_core.runtime.forked",
    "apanet_core.runtime.staging",
    "apanet_core.runtime.torch_backend",
    "apanet_core.training",
)

# Where a distribution is not named as what it brings.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
}

# Imports the modules named as arguments where the first one's packages cannot be imported.
IMPORT_WITHOUT = """
import importlib, sys
sys.modules.update(dict.fromkeys(sys.argv[1].split()))
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"{name}: {error}")
"""


def imported_packages(tree: ast.AST) -> Iterator[str]:
    """Top-level names of all imports, also those in function bodies and `import_module("x")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            yield from (
                argument.value.partition(".")[0]
                for argument in node.args[:1]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )


def is_ros(package: str) -> bool:
    return package in ROS_PACKAGES or package.endswith(MESSAGE_SUFFIXES)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    import rclpy.node", ["rclpy"]),
        ("from sensor_msgs.msg import Image", ["sensor_msgs"]),
        (
            "class A:\n    def f(self):\n        importlib.import_module('apanet_ros.cli')",
            ["apanet_ros"],
        ),
        ("__import__('rclpy')", ["rclpy"]),
        ("from . import rclpy", []),
    ],
)
def test_the_reader_of_imports_finds_them(source: str, expected: list[str]) -> None:
    assert list(imported_packages(ast.parse(source))) == expected


def test_both_packages_are_read() -> None:
    assert len(CORE_FILES) > 10
    assert len(ROS_FILES) > 5


@pytest.mark.parametrize("path", CORE_FILES, ids=module_name)
def test_core_imports_no_ros(path: Path) -> None:
    found = sorted(filter(is_ros, imported_packages(ast.parse(path.read_text()))))

    assert not found, f"{path.relative_to(ROOT)} imports {found}: the core knows no ROS type"


@pytest.mark.parametrize("path", [*CORE_FILES, *ROS_FILES], ids=module_name)
def test_top_level_needs_no_ros_installation(path: Path) -> None:
    tree = ast.parse(path.read_text())
    top_level = ast.Module([node for node in tree.body if is_import(node)], [])
    found = sorted(ONLY_IN_AN_INSTALLATION & set(imported_packages(top_level)))

    assert not found, f"{path.relative_to(ROOT)} imports {found} at the top: import it where used"


def is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def test_package_xml_declares_the_ros_packages_in_use() -> None:
    manifest = ElementTree.parse(ROOT / "package.xml").getroot()
    declared = {element.text for element in manifest.iter("exec_depend")}
    used = set(filter(is_ros, packages_in_use())) - {"apanet_ros"}

    assert used - declared == set(), "add an exec_depend to package.xml"


def test_setup_py_declares_the_python_packages_in_use() -> None:
    required = importlib.metadata.requires("apanet_ros") or []
    declared = {distribution_name(requirement) for requirement in required}
    ours = {"apanet_core", *sys.stdlib_module_names}
    used = {
        DISTRIBUTIONS.get(package, package)
        for package in packages_in_use() - ours
        if not is_ros(package)
    }

    assert used - declared == set(), "add a requirement or an extra to setup.py"


def packages_in_use() -> set[str]:
    paths = [*CORE_FILES, *ROS_FILES, *(ROOT / "launch").glob("*.py")]
    return {name for path in paths for name in imported_packages(ast.parse(path.read_text()))}


def distribution_name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def test_core_imports_without_torch_and_ros() -> None:
    names = [name for name in map(module_name, CORE_FILES) if not name.startswith(MAY_NEED_TORCH)]

    assert failed_imports(["torch", "rclpy", "rosbags"], names) == ""
    assert "apanet_core.streaming.pairing" in names


def test_ros_package_imports_without_torch() -> None:
    pytest.importorskip("rclpy")

    assert failed_imports(["torch"], [module_name(path) for path in ROS_FILES]) == ""


def test_a_module_that_imports_torch_would_be_seen() -> None:
    assert failed_imports(["torch"], ["apanet_core.losses.ssim"]).startswith(
        "apanet_core.losses.ssim: "
    )


def failed_imports(without: list[str], names: list[str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT, " ".join(without), *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
