"""The real cv_bridge, where an installation of ROS 2 brings it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("cv_bridge")

from sensor_msgs.msg import Image

from apanet_core.errors import ImageError
from apanet_ros.image_conversion.bridge import read_with_cv_bridge


@pytest.mark.skipif(np.__version__ >= "2", reason="cv_bridge is built for NumPy 1")
def test_cv_bridge_reads_what_it_can(make_image: Any, picture: Any) -> None:
    image = make_image(picture[..., ::-1], "bgr8")
    np.testing.assert_array_equal(read_with_cv_bridge(image), picture)


@pytest.mark.parametrize("encoding", ["32FC1", "nonsense", ""])
def test_what_cv_bridge_refuses_is_an_error_of_ours(encoding: str) -> None:
    image = Image(height=2, width=2, step=8, encoding=encoding)
    image.data.frombytes(bytes(16))
    with pytest.raises(ImageError, match="is not supported and cv_bridge"):
        read_with_cv_bridge(image)
