"""Stereo deraining with APANet: network, rain, training and timing policy. Knows no ROS type."""
