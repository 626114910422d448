"""Sentences for errors that are not our own: what the system refuses, what is not installed."""

from __future__ import annotations

import errno

from apanet_core.errors import ApanetError

# Which extra brings the package an import asked for.
EXTRA_OF_PACKAGE = {
    "diagnostic_msgs": "ros",
    "matplotlib": "tools",
    "PIL": "tools",
    "av": "tools",
    "onnx": "export",
    "onnxruntime": "onnx",
    "onnxscript": "export",
    "pydantic": "train",
    "ray": "ray",
    "rclpy": "ros",
    "rosbags": "tools",
    "rosgraph_msgs": "ros",
    "sensor_msgs": "ros",
    "skimage": "tools",
    "tensorboard": "train",
    "torch": "torch",
}

# What helps when the operating system refuses a file.
NEXT_STEP = {
    errno.EACCES: "choose another place, or get the permission",
    errno.EDQUOT: "make room, or choose another disk",
    errno.EEXIST: "choose another name",
    errno.EFBIG: "choose another disk, or raise the limit on the size of files",
    errno.EISDIR: "choose another name",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "check the path",
    errno.ENOSPC: "make room, or choose another disk",
    errno.ENOTDIR: "choose a place that is not below a file",
    errno.EPERM: "choose another place, or get the permission",
    errno.EROFS: "choose another place",
}


def sentence_of(error: Exception) -> str:
    """Return what a user is told of any error; of a bug, its type and its text."""
    try:
        if isinstance(error, ApanetError):
            return str(error)
        if isinstance(error, ModuleNotFoundError):
            return how_to_install(error)
        if isinstance(error, OSError):
            return what_was_refused(error)
    except (ModuleNotFoundError, OSError):
        pass  # There is no sentence for this one.
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def how_to_install(error: ModuleNotFoundError) -> str:
    """Name the missing package and the extra that brings it; raises `error` where none does."""
    package = (error.name or "").partition(".")[0]
    extra = EXTRA_OF_PACKAGE.get(package)
    if extra is None:
        raise error
    sentence = f"This command needs the Python package {package}, which is not installed"
    if extra == "ros":
        return f"{sentence}; source a ROS 2 installation, or pip install 'apanet_ros[ros]'."
    return f"{sentence}; pip install 'apanet_ros[{extra}]'."


def what_was_refused(error: OSError) -> str:
    """Name the file and the reason; a write into an open file tells the reason alone.

    Raises `error` where it holds no words at all.
    """
    if error.strerror is None:
        # Not from the operating system: a library's own words, or a bug where it has none.
        if not str(error):
            raise error
        return str(error)
    # Of a rename the second file is the one that was asked for, the first one was made aside.
    file = error.filename2 or error.filename
    reason = f"Cannot use {file}: {reason_of(error)}" if file else error.strerror
    step = NEXT_STEP.get(error.errno or 0)
    return f"{reason}; {step}." if step else f"{reason}."


def reason_of(error: OSError) -> str:
    """Return what the operating system says, to be put behind a colon."""
    sentence = error.strerror or str(error)
    return sentence[:1].lower() + sentence[1:]
