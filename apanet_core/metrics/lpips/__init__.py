"""Learned perceptual distances; these compute with torch."""
