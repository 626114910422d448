"""A comparison as Markdown, as `apanet evaluate` prints it."""

from __future__ import annotations

from collections.abc import Sequence

from apanet_core.evaluation.comparison import Comparison
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.perceptual import PerceptualMeasure
from apanet_core.evaluation.rain_removal import rain_removal
from apanet_core.evaluation.tables import markdown, rain_removal_tables, summary_table
from apanet_core.evaluation.worse_list import worse_list, worse_sentence


def printed_comparison(found: Comparison, perceptual: PerceptualMeasure, what: str) -> str:
    """Return the tables of all methods, of each model, and what came out worse.

    Args:
        found: what was measured.
        perceptual: the measure that `found` was measured with.
        what: how many pairs or pictures, for the first line.
    """
    models = [method for method in found.methods if method.learned]
    parts = [
        headline(models, what),
        markdown(summary_table(found, perceptual.title)),
        perceptual.remark,
    ]
    for model in models:
        if len(models) > 1:
            parts.append(f"{model.name}:")
        parts.append(rain_removal_tables(rain_removal(found, model.name), perceptual.title))
        parts.append(worse_list(found, model.name))
    baselines = [method for method in found.methods[1:] if not method.learned]
    parts += [worse_sentence(found, method.name) for method in baselines]
    return "\n\n".join(parts)


def headline(methods: Sequence[Method], what: str) -> str:
    """Return the first line: what was measured on what."""
    return f"{'; '.join(method.description for method in methods)}, {what}"
