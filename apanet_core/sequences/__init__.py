"""Sequences of clean stereo frames, and rain on them, before any bag or topic."""
