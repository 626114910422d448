"""Units of time."""

NANOSECONDS = 1_000_000_000
"""In a second."""

_WORDS = (("years", 31_557_600), ("days", 86_400), ("h", 3_600), ("min", 60))
"""Units longer than a second, in seconds, the longest first."""


def duration_text(nanoseconds: float) -> str:
    """Return a duration in the largest unit of which it holds two, as in "54 years" or "75 s"."""
    seconds = nanoseconds / NANOSECONDS
    for word, unit in _WORDS:
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {word}"
    return f"{seconds:.0f} s"
