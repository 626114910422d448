"""The node's services: deraining on and off, and counting anew."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool, Trigger

ENABLE = "~/enable"
RESET_STATISTICS = "~/reset_statistics"


def offer_services(node: Node, reset: Callable[[], None]) -> None:
    """Offer the services for as long as the node lives.

    `~/enable` sets the parameter `enabled`, so both always agree.

    Args:
        node: has the parameter `enabled`.
        reset: sets every counter back.
    """

    def enable(request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        result = node.set_parameters_atomically([Parameter("enabled", value=request.data)])
        response.success = result.successful
        meaning = "pairs are derained" if request.data else "pairs go out as they came"
        response.message = result.reason or f"From now on {meaning}."
        return response

    def reset_statistics(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        reset()
        response.success, response.message = True, "Every counter begins anew."
        return response

    node.create_service(SetBool, ENABLE, enable)
    node.create_service(Trigger, RESET_STATISTICS, reset_statistics)
