"""Folders of pictures, and the training samples drawn from them."""
