"""Recordings to look at: rainy beside derained, as a page, a bag for Foxglove or an animation."""
