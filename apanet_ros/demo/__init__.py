"""The demo: a real scene in rain, through the real node, and what came out."""
