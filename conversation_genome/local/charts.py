"""The charts of a report as inline SVG: equal numbers, equal bytes; colours are the page's own.

Matplotlib draws in stand-in colours that are then replaced by custom properties of the page, so that one
drawing serves the light and the dark scheme. The only module that knows Matplotlib.
"""

import hashlib
import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from scipy.stats import norm

from conversation_genome.local.kinds import COPIER, LOOKS, look_of
from conversation_genome.local.summary import AnswerPoint

MAX_POINTS: Final = 1_500
"""Points that are drawn at most; of more, every n-th."""
MAX_JOINED: Final = 60
"""Windows whose answers are joined at most."""
WIDE: Final = (8.2, 4.4)
"""Inches of the drawing for screens; at 72 points an inch its text is as large as the page's."""
NARROW: Final = (4.9, 4.7)

_STAND_INS: Final = {
    "#010203": "--ink",
    "#010204": "--muted",
    "#010205": "--line",
    "#010206": "--bell",
    "#010207": "--accent",
    "#010208": "--card",
    **{f"#0102{index:02x}": look.colour for index, look in enumerate(LOOKS, start=16)},
}
_COLOURS: Final = {name: stand_in for stand_in, name in _STAND_INS.items()}
_RC: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _COLOURS["--line"],
    "axes.labelcolor": _COLOURS["--muted"],
    "axes.labelsize": 11,
    "xtick.color": _COLOURS["--line"],
    "ytick.color": _COLOURS["--line"],
    "xtick.labelcolor": _COLOURS["--muted"],
    "ytick.labelcolor": _COLOURS["--muted"],
    "grid.color": _COLOURS["--line"],
    "grid.linewidth": 0.7,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_HEAD: Final = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_PLAINER: Final = (
    (re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL), ""),
    (re.compile(r"<style type=\"text/css\">.*?</style>", re.DOTALL), ""),
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"<g id=\"[^\"]*\">"), "<g>"),
    (re.compile(r"xlink:href="), "href="),
    (re.compile(r" font-family: [^;]*;"), ""),
    (re.compile(r"(\d\.\d\d)\d+"), r"\1"),
    (re.compile(r"\n\s*"), "\n"),
)
"""What the page does not need of a drawing: styles and ids that would reach beyond it, fonts, far decimals."""
_ID: Final = re.compile(r"(\bid=\"|\bhref=\"#|url\(#)")
_OPENING: Final = re.compile(r"<svg[^>]*?viewBox=\"([^\"]+)\"[^>]*>", re.DOTALL)


def reward_over_standing(points: Sequence[AnswerPoint], size: tuple[float, float]) -> str:
    """Return the chart of what each answer was paid against how it stood among its peers."""
    placed = _thinned([point for point in points if point.standing is not None and point.reward is not None])
    with rc_context({**_RC, "svg.hashsalt": f"reward{size}"}):
        figure, axes = _canvas(size)
        _bell(axes, placed)
        axes.add_collection(_rises(placed))
        for kind in sorted({point.kind for point in placed}):
            look = look_of(kind)
            own = [point for point in placed if point.kind == kind]
            axes.scatter(
                [point.standing for point in own],
                [100 * (point.reward or 0.0) for point in own],
                s=26,
                marker=look.marker,
                color=_COLOURS[look.colour],
                alpha=0.62,
                linewidths=0,
                zorder=3,
            )
        axes.set(xlim=(-2.15, 2.15), xlabel="standing among its peers, in standard deviations")
        axes.set_ylabel("share of the reward, %")
        axes.set_xticks([-2, -1, 0, 1, 2])
        axes.set_ylim(bottom=-1.5)
        axes.grid(axis="y")
        return _svg(
            figure,
            "Reward over standing",
            "Each mark is one answer. The better an answer stands among those to the same lines, the larger its share "
            "of the reward; the rise follows the cumulative normal curve.",
        )


def score_by_kind(points: Sequence[AnswerPoint], kinds: Sequence[str], size: tuple[float, float]) -> str:
    """Return the chart of the scores of each kind of miner: every answer, the middle half, the median."""
    with rc_context({**_RC, "svg.hashsalt": f"score{size}"}):
        figure, axes = _canvas(size)
        for row, kind in enumerate(reversed(kinds)):
            scores = np.array([point.score for point in points if point.kind == kind])
            if len(scores):
                _kind_row(axes, row, kind, scores)
        axes.set_yticks(range(len(kinds)), labels=list(reversed(kinds)))
        for label in axes.get_yticklabels():
            label.set_color(_COLOURS["--ink"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "0.25", "0.5", "0.75", "1"])
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.6, len(kinds) - 0.4), xlabel="score of an answer")
        axes.grid(axis="x")
        return _svg(
            figure,
            "Score by kind of miner",
            "Each mark is one answer; the bar spans the middle half of a kind's scores and the line in it is the median. "
            + " ".join(_median_words(points, kind) for kind in kinds),
        )


def _canvas(size: tuple[float, float]) -> tuple[Figure, Any]:
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    return figure, axes


def _bell(axes: Any, placed: Sequence[AnswerPoint]) -> None:
    """Draw the normal density as a backdrop and the pay that its integral gives, at the scale of the answers."""
    xs = np.linspace(-2.15, 2.15, 120)
    rewards = np.array([100 * (point.reward or 0.0) for point in placed])
    pays = norm.cdf([point.standing or 0.0 for point in placed])
    earning = rewards > 0
    scale = float(rewards[earning] @ pays[earning] / (pays[earning] @ pays[earning])) if earning.any() else 1.0
    top = max(float(rewards.max(initial=0.0)), scale)
    axes.fill_between(xs, 0, norm.pdf(xs) / norm.pdf(0) * top * 0.92, color=_COLOURS["--bell"], linewidth=0, zorder=0)
    axes.plot(xs, norm.cdf(xs) * scale, color=_COLOURS["--accent"], linewidth=1.6, dashes=(4, 3), zorder=2)


def _rises(placed: Sequence[AnswerPoint]) -> LineCollection:
    """Return a faint line for each window: through its answers but for copies, from the lowest standing to the highest."""
    windows: dict[str, list[tuple[float, float]]] = {}
    for point in placed:
        if point.window and point.kind != COPIER:
            windows.setdefault(point.window, []).append((point.standing or 0.0, 100 * (point.reward or 0.0)))
    chosen = sorted(windows)[:: max(1, -(-len(windows) // MAX_JOINED))]
    lines = [sorted(windows[name]) for name in chosen]
    return LineCollection(lines, colors=_COLOURS["--muted"], linewidths=0.6, alpha=0.25, zorder=1)


def _kind_row(axes: Any, row: int, kind: str, scores: Any) -> None:
    look = look_of(kind)
    colour = _COLOURS[look.colour]
    shown = scores[:: max(1, len(scores) * 7 // MAX_POINTS)]
    low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75])
    axes.barh(row, high - low, left=low, height=0.56, color=colour, alpha=0.16, linewidth=0, zorder=1)
    axes.scatter(
        shown,
        row + _jitter(kind, len(shown)),
        s=15,
        marker=look.marker,
        color=colour,
        alpha=0.5,
        linewidths=0,
        zorder=2,
    )
    axes.plot([middle, middle], [row - 0.34, row + 0.34], color=colour, linewidth=2.6, solid_capstyle="round", zorder=3)


def _jitter(kind: str, count: int) -> Any:
    seed = int.from_bytes(hashlib.sha256(kind.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).uniform(-0.24, 0.24, count)


def _median_words(points: Sequence[AnswerPoint], kind: str) -> str:
    scores = [point.score for point in points if point.kind == kind]
    return f"{kind}: median {np.median(scores):.2f}." if scores else f"{kind}: no answer."


def _thinned(points: Sequence[AnswerPoint]) -> Sequence[AnswerPoint]:
    return points[:: max(1, -(-len(points) // MAX_POINTS))]


def _svg(figure: Figure, title: str, description: str) -> str:
    """Return the drawing as an element that scales with the page, has a title and a description, and no ids to clash."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = _HEAD.sub("", buffer.getvalue())
    for stand_in, name in _STAND_INS.items():
        drawing = drawing.replace(stand_in, f"var({name})")
    for pattern, replacement in _PLAINER:
        drawing = pattern.sub(replacement, drawing)
    key = hashlib.sha256(drawing.encode()).hexdigest()[:8]
    drawing = _ID.sub(rf"\1c{key}-", drawing)
    opening = (
        r'<svg viewBox="\1" role="img" aria-labelledby="t'
        f'{key} d{key}"><title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
    )
    return _OPENING.sub(opening, drawing, count=1)
