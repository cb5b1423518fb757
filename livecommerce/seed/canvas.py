"""A small drawing board for pictures of products: smooth shapes with gradients, soft shadows.

Coordinates run from 0 to 100 in both directions, from the upper left. Everything is drawn at twice
the final size and scaled down at the end, which is what smooths the edges.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from PIL import Image, ImageColor, ImageDraw, ImageFilter

SIZE_PX = 640
_OVERSAMPLING = 2
_BOARD_PX = SIZE_PX * _OVERSAMPLING
_UNIT = _BOARD_PX / 100
_SOFT_SCALE = 8
# Points that a smooth outline gets between two given ones.
_CURVE_STEPS = 12
_WEBP_QUALITY = 82
_WEBP_EFFORT = 2

Point = tuple[float, float]
Colors = str | Sequence[str]


class Canvas:
    """A square picture in the making; `colors` are a colour or the stops of a gradient."""

    def __init__(self, background: tuple[str, ...]) -> None:
        self._image = _backdrop(background).copy()

    def polygon(self, points: Sequence[Point], colors: Colors, **style: Any) -> None:
        self._fill(points, lambda draw, xy: draw.polygon(xy, fill=255), colors, **style)

    def blob(self, points: Sequence[Point], colors: Colors, **style: Any) -> None:
        """A closed smooth outline through the points."""
        self.polygon(_smooth(points), colors, **style)

    def mirrored(self, points: Sequence[Point], colors: Colors, **style: Any) -> None:
        """A smooth outline given by its right half, from top to bottom, mirrored at x = 50."""
        other_half = [(100 - x, y) for x, y in reversed(points)]
        self.blob([*points, *other_half], colors, **style)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colors: Colors, **style: Any
    ) -> None:
        corners = [(x - rx, y - ry), (x + rx, y + ry)]
        self._fill(corners, lambda draw, xy: draw.ellipse(xy, fill=255), colors, **style)

    def ring(
        self, x: float, y: float, rx: float, ry: float, width: float, colors: Colors, **style: Any
    ) -> None:
        px = round(width * _UNIT)
        corners = [(x - rx, y - ry), (x + rx, y + ry)]
        self._fill(
            corners, lambda draw, xy: draw.ellipse(xy, outline=255, width=px), colors, **style
        )

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        radius: float,
        colors: Colors,
        **style: Any,
    ) -> None:
        px = round(radius * _UNIT)
        self._fill(
            [(x0, y0), (x1, y1)],
            lambda draw, xy: draw.rounded_rectangle(xy, px, fill=255),
            colors,
            **style,
        )

    def line(self, points: Sequence[Point], width: float, colors: Colors, **style: Any) -> None:
        """A smooth open line with round ends."""
        path = _smooth(points, is_closed=False)
        px = round(width * _UNIT)

        def draw_line(draw: ImageDraw.ImageDraw, xy: Sequence[Point]) -> None:
            draw.line(xy, fill=255, width=px, joint="curve")
            for x, y in (xy[0], xy[-1]):
                draw.ellipse((x - px / 2, y - px / 2, x + px / 2, y + px / 2), fill=255)

        self._fill(path, draw_line, colors, margin=width, **style)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.28) -> None:
        """What a standing thing throws on the floor."""
        _soft_ellipse(self._image, (x, y), (rx, ry), "#2b2130", strength, blur=2.2)

    def glow(self, x: float, y: float, radius: float, color: str, strength: float) -> None:
        _soft_ellipse(self._image, (x, y), (radius, radius), color, strength, blur=9)

    def encoded(self) -> bytes:
        """The picture as WebP."""
        final = self._image.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX)
        data = io.BytesIO()
        final.save(data, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_EFFORT)
        return data.getvalue()

    def _fill(
        self,
        points: Sequence[Point],
        draw_shape: Callable[[ImageDraw.ImageDraw, list[Point]], None],
        colors: Colors,
        *,
        across: bool = False,
        alpha: float = 1.0,
        margin: float = 0.0,
    ) -> None:
        """Fill what draw_shape draws; across: the gradient runs from left to right."""
        left, top, right, bottom = _bounds(points, margin)
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        xy = [(x * _UNIT - left, y * _UNIT - top) for x, y in points]
        draw_shape(ImageDraw.Draw(mask), xy)
        if alpha < 1:
            mask = mask.point(lambda value: round(value * alpha))
        stops = [colors] if isinstance(colors, str) else colors
        self._image.paste(_gradient(mask.size, stops, across), (left, top), mask)


@cache
def _backdrop(stops: tuple[str, ...]) -> Image.Image:
    """The gradient behind a product, lighter where the product stands."""
    image = _gradient((_BOARD_PX, _BOARD_PX), stops, across=False)
    _soft_ellipse(image, (50, 44), (40, 40), "#ffffff", 0.55, blur=9)
    return image


def _soft_ellipse(
    image: Image.Image,
    center: Point,
    radii: Point,
    color: str,
    strength: float,
    blur: float,
) -> None:
    (x, y), (rx, ry) = center, radii
    left, top, right, bottom = _bounds([(x - rx, y - ry), (x + rx, y + ry)], margin=3 * blur)
    # Drawn small: nothing of it is sharp.
    unit = _UNIT / _SOFT_SCALE
    small = Image.new("L", ((right - left) // _SOFT_SCALE, (bottom - top) // _SOFT_SCALE))
    cx, cy = x * unit - left / _SOFT_SCALE, y * unit - top / _SOFT_SCALE
    ImageDraw.Draw(small).ellipse(
        (cx - rx * unit, cy - ry * unit, cx + rx * unit, cy + ry * unit),
        fill=round(255 * strength),
    )
    small = small.filter(ImageFilter.GaussianBlur(blur * unit))
    mask = small.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    image.paste(ImageColor.getrgb(color), (left, top, right, bottom), mask)


def _bounds(points: Sequence[Point], margin: float) -> tuple[int, int, int, int]:
    """The pixels that the points reach, cut at the edge of the board."""
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return (
        max(0, int((min(xs) - margin) * _UNIT)),
        max(0, int((min(ys) - margin) * _UNIT)),
        min(_BOARD_PX, int((max(xs) + margin) * _UNIT) + 2),
        min(_BOARD_PX, int((max(ys) + margin) * _UNIT) + 2),
    )


def _gradient(size: tuple[int, int], stops: Sequence[str], across: bool) -> Image.Image:
    strip = Image.new("RGB", (len(stops), 1) if across else (1, len(stops)))
    strip.putdata([ImageColor.getrgb(stop)[:3] for stop in stops])
    return strip.resize(size, Image.Resampling.BILINEAR)


def _smooth(points: Sequence[Point], is_closed: bool = True) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    n = len(points)
    last = n if is_closed else n - 1

    def at(i: int) -> Point:
        return points[i % n] if is_closed else points[min(max(i, 0), n - 1)]

    curve = [
        _between(at(i - 1), at(i), at(i + 1), at(i + 2), step / _CURVE_STEPS)
        for i in range(last)
        for step in range(_CURVE_STEPS)
    ]
    return curve if is_closed else [*curve, points[-1]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """The point at t in 0..1 between b and c, of the curve that passes a, b, c, d."""

    def one(p: float, q: float, r: float, s: float) -> float:
        return 0.5 * (
            2 * q
            + (r - p) * t
            + (2 * p - 5 * q + 4 * r - s) * t * t
            + (3 * q - p - 3 * r + s) * t * t * t
        )

    return one(a[0], b[0], c[0], d[0]), one(a[1], b[1], c[1], d[1])
