"""Why deraining can hurt: what the other figures say about a figure that got worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apanet_core.downstream.results import RAINY, Row

Means = Mapping[str, Mapping[str, float]]
"""Of each figure by its key, in each condition."""


def losses(rows: Sequence[Row], models: Sequence[str]) -> list[str]:
    """Return a paragraph for every figure that is worse after deraining than in rain."""
    means = {row.definition.key: row.means for row in rows}
    return [_loss(row, model, means) for model in models for row in rows if row.worse(model)]


def _loss(row: Row, model: str, means: Means) -> str:
    shown = row.definition.shown
    found = (
        f"{row.title}: {shown(row.means[RAINY])} in rain, {shown(row.means[model])} after {model}"
    )
    if row.judged > 1:
        found += f" (better in {row.better[model]} of {row.judged})"
    return f"{found}. {_reason(row.definition.key, model, means)}"


def _reason(key: str, model: str, means: Means) -> str:
    if key in ("bad", "wrong", "end_point_px"):
        return _matching_reason(key, model, means)
    if key in ("repeatability", "correct", "precision"):
        return _feature_reason(key, model, means)
    drifts = means.get("translation", {})
    drift = f"{drifts[RAINY]:.2%} in rain, {drifts[model]:.2%} derained" if drifts else ""
    return _REASONS[key].format(gradients=_gradients(model, means), drift=drift)


def _matching_reason(key: str, model: str, means: Means) -> str:
    density, rainy_density = means["density"][model], means["density"][RAINY]
    densities = f"density is {density:.1%}, {rainy_density:.1%} in rain"
    if density > rainy_density:
        change = (
            "fewer of them rightly" if key == "bad" else "and those that rain left out are hard"
        )
        return f"More pixels are matched ({densities}), {change}."
    if _smoothed(model, means):
        gradients = _gradients(model, means)
        return f"Smoothed surfaces give the matcher less to hold on to ({gradients}; {densities})."
    return f"What the network paints over streaks differs between the views ({densities})."


def _feature_reason(key: str, model: str, means: Means) -> str:
    correct, rainy_correct = means["correct"][model], means["correct"][RAINY]
    if key == "precision" and correct > rainy_correct:
        return (
            f"More matches are found, and more are correct ({correct:.0f}, {rainy_correct:.0f} in "
            "rain); those that come in addition are the less sure ones."
        )
    gradients = _gradients(model, means)
    if _smoothed(model, means):
        return (
            f"The network smooths fine texture away ({gradients}), and with it the corners that "
            "descriptors need."
        )
    return (
        f"Remains of streaks still draw keypoints ({gradients}), while weak corners of the scene "
        "are gone."
    )


def _smoothed(model: str, means: Means) -> bool:
    return "texture" in means and means["texture"][model] < 1


def _gradients(model: str, means: Means) -> str:
    if "texture" not in means:
        return "the clean picture is flat"
    texture = means["texture"]
    return (
        f"gradients are ×{texture[model]:.2f} of the clean picture's, ×{texture[RAINY]:.2f} in rain"
    )


_REASONS = {
    "view_difference": "The network changes the two views differently ({gradients}).",
    "flicker": "Frames are derained one by one; what is taken out of one may stay in the next.",
    "translation": (
        "RANSAC drops streaks as outliers without any help, since they do not move with the "
        "scene; where the network moves or smooths corners ({gradients}), tracks get less exact."
    ),
}
_REASONS["rotation_deg_per_m"] = _REASONS["translation"]
_REASONS["end_m"] = (
    "This is one place only, where errors may cancel; over all stretches drift is {drift}."
)
_REASONS["lost"] = "Too few corners could be followed ({gradients})."
