"""Bags: read, written, recorded and replayed, with or without a ROS 2 installation."""
