import pytest

from apanet_ros.bags.message_types import import_message_type


def test_an_installed_type_is_found():
    image = pytest.importorskip("sensor_msgs.msg").Image
    assert import_message_type("sensor_msgs/msg/Image") is image


@pytest.mark.parametrize(
    "name",
    [
        "no_such_package/msg/Thing",
        "sensor_msgs/msg/NoSuchMessage",
        "std_srvs/srv/SetBool_Event",
        "Image",
        "",
    ],
)
def test_what_is_not_installed_is_none(name):
    assert import_message_type(name) is None
