"""What became of a recording's pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EXAMPLES_KEPT = 5


@dataclass
class Tally:
    """Counts of one recording.

    Attributes:
        derained: pairs.
        problems: what was not derained, by cause; the cause says what became of it instead.
        examples: the first few sentences that say of which picture or message, and why.
        fitted: frames of the comparison that were not of the first one's size.
        remarks: sentences on what is not as a person may expect, though it was derained.
    """

    derained: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    fitted: int = 0
    remarks: list[str] = field(default_factory=list)

    def note(self, cause: str, example: str = "", count: int = 1) -> None:
        """Count what was not derained, for a cause such as `"unreadable pairs, copied"`."""
        self.problems[cause] += count
        if example and len(self.examples) < EXAMPLES_KEPT:
            self.examples.append(example)

    def to_dict(self) -> dict[str, Any]:
        """Return what is counted while deraining as JSON knows it; comparisons come after."""
        return {
            "derained": self.derained,
            "problems": dict(self.problems),
            "examples": self.examples,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Tally:
        """Read what `to_dict` returned."""
        return cls(values["derained"], Counter(values["problems"]), list(values["examples"]))

    def sentence(self) -> str:
        """Return the counts in words."""
        problems = "; ".join(f"{count} {cause}" for cause, count in sorted(self.problems.items()))
        pairs = f"{self.derained} pair{'' if self.derained == 1 else 's'} derained"
        parts = [pairs]
        if problems:
            parts.append(f"not derained: {problems}")
        if self.fitted:
            frames = f"{self.fitted} frame{'' if self.fitted == 1 else 's'}"
            parts.append(f"comparison: {frames} fitted onto the size of the first")
        return "; ".join(parts)
