"""Installs apanet_ros the same way with pip and with colcon (build type ament_python)."""

from pathlib import Path

from setuptools import find_packages, setup

NAME = "apanet_ros"

TORCH = ["torch>=2.6"]
# The versions that run the ONNX operator set in which networks are exported by default.
ONNX = ["onnxruntime>=1.18"]
ONNX_GPU = ["onnxruntime-gpu>=1.18"]
# Exports are checked in the operator set 23 as well.
EXPORT = [*TORCH, "onnxruntime>=1.23", "onnx", "onnxscript"]
TOOLS = [
    "av>=17",
    "backports.zstd; python_version < '3.14'",
    "matplotlib",
    "pillow",
    "rosbags>=0.11",
    "scikit-image",
]

# ROS 2 Kilted as wheels, for machines without a ROS 2 installation. They exist for x86-64 Linux.
ROS = [
    f'{name}; sys_platform == "linux" and platform_machine == "x86_64"'
    for name in (
        "ros-rclpy>=9.1,<10",
        "ros-rmw-fastrtps-cpp",
        "ros-builtin-interfaces",
        "ros-diagnostic-msgs",
        "ros-lifecycle-msgs",
        "ros-rcl-interfaces",
        "ros-rosgraph-msgs",
        "ros-sensor-msgs",
        "ros-std-msgs",
        "ros-std-srvs",
        "ros-stereo-msgs",
    )
]

RAY = ["ray>=2.40"]
TRAIN = [*TORCH, "pillow", "pydantic>=2.6", "tensorboard"]
TEST = ["hypothesis", "onnx", "pydantic>=2.6", "pytest>=8", *ONNX]
DEVELOP = [
    *TEST,
    "colcon-common-extensions",
    "mypy",
    "playwright>=1.50",
    "pre-commit",
    "ruff",
    # For its weights of ST-LPIPS alone; what it imports is not needed.
    "stlpips_pytorch",
]


def files(pattern: str) -> list[str]:
    """Paths relative to this folder, as setuptools and colcon want them."""
    return sorted(str(path) for path in Path().glob(pattern))


setup(
    name=NAME,
    version="0.1.0",
    description="Stereo image deraining for ROS 2 with APANet, within a latency budget",
    author="apanet_ros maintainers",
    author_email="maintainers@apanet-ros.invalid",
    maintainer="apanet_ros maintainers",
    maintainer_email="maintainers@apanet-ros.invalid",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["apanet_core*", "apanet_ros*"]),
    package_data={
        "": ["py.typed", "*.safetensors", "*.onnx", "*.md", "*.yaml", "SHA256SUMS"],
        "apanet_core.html_report": ["page.*"],
        "apanet_core.training": ["recipes/*.yaml"],
    },
    zip_safe=False,
    # No torch here: a robot that runs an exported network needs none.
    install_requires=[
        "numpy>=1.24",
        "opencv-python-headless>=4.8",
        "PyYAML",
        "safetensors>=0.4",
        "tqdm",
    ],
    extras_require={
        "torch": TORCH,
        "ros": ROS,
        "onnx": ONNX,
        "onnx-gpu": ONNX_GPU,
        "export": EXPORT,
        "tools": TOOLS,
        "ray": RAY,
        "train": TRAIN,
        "test": TEST,
        "dev": DEVELOP,
    },
    entry_points={
        "console_scripts": [
            "apanet = apanet_ros.cli:main",
            "derain_node = apanet_ros.derain_node:main",
        ],
    },
    # Where ros2 run and ros2 launch look, under any prefix.
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", files("launch/*.launch.py")),
        (f"share/{NAME}/config", files("config/*.*")),
        (f"lib/{NAME}", ["resource/derain_node"]),
    ],
)
