"""The ROS 2 node around apanet_core, and the tools that touch bags and topics."""
