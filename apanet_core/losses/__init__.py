"""Training losses: a pure function a file."""
