"""Folders of stereo pairs, and the training samples made of them."""
