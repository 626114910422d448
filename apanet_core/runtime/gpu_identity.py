"""Which GPU and which TensorRT are here, asked of their own libraries."""

from __future__ import annotations

import ctypes
import platform

_TENSORRT_LIBRARIES = ("libnvinfer.so.11", "libnvinfer.so.10", "libnvinfer.so.8")


def gpu_name(number: int) -> str:
    """Return name and compute capability of a CUDA device; this machine's name where unknown."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        name = ctypes.create_string_buffer(256)
        results = [
            driver.cuInit(0),
            driver.cuDeviceGet(ctypes.byref(device), number),
            driver.cuDeviceGetName(name, len(name), device),
            driver.cuDeviceGetAttribute(ctypes.byref(major), 75, device),
            driver.cuDeviceGetAttribute(ctypes.byref(minor), 76, device),
        ]
    except (OSError, AttributeError):
        results = [1]
    if any(results):
        return f"a GPU of {platform.node()}"
    return f"{name.value.decode()}, {major.value}.{minor.value}"


def tensorrt_version() -> str:
    """Return the version of the TensorRT library, or `unknown`."""
    for library in _TENSORRT_LIBRARIES:
        try:
            return str(ctypes.CDLL(library).getInferLibVersion())
        except (OSError, AttributeError):
            continue
    return "unknown"
