"""Recordings, derained offline: pairs of pictures, folders and videos; one at a time or many."""
