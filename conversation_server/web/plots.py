"""Plots: numbers to inline SVG. No script and no inline style, so that they show, scale and print everywhere.

Every drawing has a title that says what it shows; colours are classes of the style sheet, light and dark.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from markupsafe import Markup

WIDTH: Final = 1040.0
_LEFT: Final = 42.0
_RIGHT: Final = 8.0
_TOP: Final = 10.0
_BOTTOM: Final = 28.0


def share_bar(share: float, label: str, style: str = "k1") -> Markup:
    """Return a meter: how much of the whole a share in [0, 1] is."""
    width = 100 * min(1.0, max(0.0, share))
    return Markup(
        '<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" width="100" height="8"/><rect class="fill {}" width="{:.1f}" height="8"/></svg>'
    ).format(label, style, width)


def stacked_bar(parts: Sequence[tuple[str, int, str]], title: str) -> Markup:
    """Return one bar that is divided by (name, count, style)."""
    whole = sum(number for _, number, _ in parts) or 1
    drawn, start = Markup(""), 0.0
    for name, number, style in parts:
        width = 100 * number / whole
        drawn += Markup(
            '<rect class="fill {}" x="{:.2f}" width="{:.2f}" height="8"><title>{}: {:,}</title></rect>'
        ).format(style, start, width, name, number)
        start += width
    said = ", ".join(f"{name} {number:,}" for name, number, _ in parts if number)
    return Markup(
        '<svg class="meter stack" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}: {}">{}</svg>'
    ).format(title, said, drawn)


def columns(
    below: Sequence[int],
    above: Sequence[int],
    *,
    title: str,
    ends: tuple[str, str],
    names: tuple[str, str],
    styles: tuple[str, str] = ("k1", "k7"),
) -> Markup:
    """Return stacked columns over time.

    Args:
        below: The counts at the foot, oldest first.
        above: The counts on top of them.
        title: What is shown.
        ends: What stands under the first and the last column.
        names: Of the two counts.
        styles: Of the two counts.
    """
    height, top = 230.0, max(1, *(low + high for low, high in zip(below, above, strict=True)))
    scale = _round_up(top)
    floor, step = height - _BOTTOM, (WIDTH - _LEFT - _RIGHT) / len(below)
    drawn = _grid(height, [(0, "0"), (0.5, f"{scale / 2:g}"), (1, f"{scale:g}")])
    for place, (low, high) in enumerate(zip(below, above, strict=True)):
        x, y = _LEFT + place * step, floor
        for number, style in ((low, styles[0]), (high, styles[1])):
            tall = number / scale * (floor - _TOP)
            y -= tall
            if number:
                drawn += Markup('<rect class="fill {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    style, x + step * 0.1, y, step * 0.8, tall
                )
    drawn += _ends(height, ends)
    said = f"{title}. {names[0]}: {sum(below):,}, {names[1]}: {sum(above):,}, at most {top:,} in one column."
    return _svg(height, said, drawn)


def line(
    values: Sequence[float], *, title: str, ends: tuple[str, str], marks: Sequence[int] = (), height: float = 250.0
) -> Markup:
    """Return values in [0, 1] as a line over their place, its stretch filled; `marks` are places to mark."""
    if not values:
        return Markup("")
    shown = _thinned(values)
    points = [(_x(place, len(shown)), _y(value, height)) for place, value in enumerate(shown)]
    drawn = _grid(height, [(0, "0"), (0.5, "0.5"), (1, "1")])
    for mark in marks:
        x = _x(mark, len(values))
        drawn += Markup('<line class="mark" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
            x, x, _TOP, height - _BOTTOM
        )
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn += Markup('<polygon class="area" points="{:.1f},{} {} {:.1f},{}"/>').format(
        points[0][0], height - _BOTTOM, path, points[-1][0], height - _BOTTOM
    )
    drawn += Markup('<polyline class="stroke k0" points="{}"/>').format(path)
    drawn += _ends(height, ends)
    mean = sum(values) / len(values)
    said = f"{title}. {len(values):,} values from {min(values):.2f} to {max(values):.2f}, mean {mean:.2f}."
    return _svg(height, said, drawn)


def history(
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    *,
    title: str,
    ends: tuple[str, str],
    has_dots: bool = True,
    height: float = 260.0,
) -> Markup:
    """Return series of (name, style, values in [0, 1], oldest first): dots, and the mean of each five as a line."""
    drawn = _grid(height, [(0, "0"), (0.5, "0.5"), (1, "1")])
    said = []
    for name, style, values in series:
        known = [(place, value) for place, value in enumerate(values) if value is not None]
        if not known:
            continue
        if has_dots:
            for place, value in known:
                drawn += Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="2.6"/>').format(
                    style, _x(place, len(values)), _y(value, height)
                )
        path = " ".join(f"{_x(place, len(values)):.1f},{_y(value, height):.1f}" for place, value in _means(known))
        drawn += Markup('<polyline class="stroke {}" points="{}"/>').format(style, path)
        said.append(f"{name}: mean {sum(value for _, value in known) / len(known):.2f}, last {known[-1][1]:.2f}")
    return _svg(height, f"{title}. {'; '.join(said)}.", drawn + _ends(height, ends))


def _svg(height: float, said: str, drawn: Markup) -> Markup:
    return Markup('<svg class="plot" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, said, drawn
    )


def _grid(height: float, steps: Sequence[tuple[float, str]]) -> Markup:
    drawn = Markup("")
    for share, name in steps:
        y = _y(share, height)
        drawn += Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
            '<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        ).format(_LEFT, WIDTH - _RIGHT, y, y, _LEFT - 6, y + 4, name)
    return drawn


def _ends(height: float, ends: tuple[str, str]) -> Markup:
    return Markup(
        '<text class="tick" x="{}" y="{:.0f}">{}</text><text class="tick" x="{}" y="{:.0f}" text-anchor="end">{}</text>'
    ).format(_LEFT, height - 6, ends[0], WIDTH - _RIGHT, height - 6, ends[1])


def _x(place: float, places: int) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * (place / (places - 1) if places > 1 else 0.5)


def _y(share: float, height: float) -> float:
    floor = height - _BOTTOM
    return floor - min(1.0, max(0.0, share)) * (floor - _TOP)


def _round_up(number: int) -> int:
    """Return the next number of 2, 4, 10, 20, 40, 100 ..., so that its half is whole, too."""
    unit = 1
    while True:
        for step in (2, 4, 6, 8):
            if number <= step * unit:
                return step * unit
        unit *= 10
        if number <= unit:
            return unit


def _thinned(values: Sequence[float], most: int = 360) -> list[float]:
    """Return the values, or the means of as many stretches as are drawn at most."""
    if len(values) <= most:
        return list(values)
    bounds = [round(place * len(values) / most) for place in range(most + 1)]
    return [sum(values[start:end]) / (end - start) for start, end in pairwise(bounds)]


def _means(known: Sequence[tuple[int, float]], wide: int = 5) -> list[tuple[int, float]]:
    """Return each value as the mean of it and its neighbours."""
    half = wide // 2
    means = []
    for index, (place, _) in enumerate(known):
        near = [value for _, value in known[max(0, index - half) : index + half + 1]]
        means.append((place, sum(near) / len(near)))
    return means
