"""Pictures of the demo's products: one drawing per kind of thing, coloured per product."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from livecommerce.seed.canvas import Canvas

# main, dark and light shade of the thing itself
Shades = Sequence[str]

BACKGROUNDS = {
    "Fashion": ("#fff3ee", "#fbd9cf", "#f3bdb4"),
    "Home": ("#f6f4ea", "#e6e3c9", "#cfd2ad"),
    "Beauty": ("#fdf0f6", "#f6d3e4", "#e7b5d2"),
    "Electronics": ("#eef4fb", "#cfdff2", "#aac3e4"),
}
_GOLD = ("#fbe6a2", "#d9a93f", "#9c6f1e")
_STEEL = ("#8d97a3", "#f4f6f8", "#aab3bd", "#6d7681")


def picture(drawing: str, category: str, shades: Shades) -> bytes:
    """The WebP picture of a product. drawing: a key of DRAWINGS."""
    canvas = Canvas(BACKGROUNDS[category])
    DRAWINGS[drawing](canvas, shades)
    return canvas.encoded()


def _kurta(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 90, 25, 3)
    c.polygon([(38, 20), (24, 27), (15, 52), (24, 56), (34, 36)], (main, dark))
    c.polygon([(62, 20), (76, 27), (85, 52), (76, 56), (66, 36)], (main, dark))
    c.polygon(
        [(37, 19), (63, 19), (67, 34), (66, 52), (73, 87), (27, 87), (34, 52), (33, 34)],
        (light, main, main, dark),
    )
    c.polygon([(27, 87), (73, 87), (72, 82), (28, 82)], _GOLD, across=True)
    c.polygon([(15, 52), (24, 56), (25, 53), (16, 49)], _GOLD)
    c.polygon([(85, 52), (76, 56), (75, 53), (84, 49)], _GOLD)
    c.blob([(42, 18), (58, 18), (55, 25), (50, 28), (45, 25)], ("#7a5a4e", "#a98573"))
    c.box(48.6, 27, 51.4, 47, 1, _GOLD)
    for i in range(4):
        c.ellipse(50, 30 + i * 5, 0.9, 0.9, "#ffffff")
    for row in range(4):
        for column in range(4 + row % 2):
            _flower(c, 38 - (row % 2) * 4 + column * 8, 54 + row * 7, 1.3, light)


def _flower(c: Canvas, x: float, y: float, size: float, color: str) -> None:
    for i in range(5):
        angle = i * 2 * math.pi / 5
        c.ellipse(
            x + math.cos(angle) * size,
            y + math.sin(angle) * size,
            size * 0.7,
            size * 0.7,
            color,
            alpha=0.85,
        )
    c.ellipse(x, y, size * 0.5, size * 0.5, "#e8b13e")


def _saree(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 84, 34, 4)
    for i in range(6):
        y = 46 + i * 6
        c.box(18, y, 82, y + 7, 3, (light, main, dark))
        c.box(18, y + 4.6, 82, y + 6.4, 0.6, _GOLD, across=True)
    c.blob(
        [(28, 20), (70, 16), (78, 30), (74, 52), (60, 60), (34, 58), (24, 42)], (light, main, dark)
    )
    for x in (36, 44, 52, 60, 68):
        c.line([(x - 2, 20), (x, 38), (x - 4, 57)], 0.7, dark, alpha=0.5)
    c.line([(26, 50), (44, 55), (66, 53), (76, 45)], 3.4, _GOLD, across=True)
    for x, y in ((34, 32), (48, 28), (62, 30), (41, 43), (56, 42), (69, 38)):
        _flower(c, x, y, 1.5, "#fdf3cf")


def _shirt(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 88, 26, 3)
    c.polygon([(35, 21), (18, 31), (13, 58), (24, 61), (34, 42)], (main, dark))
    c.polygon([(65, 21), (82, 31), (87, 58), (76, 61), (66, 42)], (main, dark))
    c.polygon([(35, 20), (65, 20), (69, 38), (69, 84), (31, 84), (31, 38)], (light, main, dark))
    for x in range(34, 68, 5):
        c.line([(x, 24), (x, 83)], 0.35, "#ffffff", alpha=0.45)
    c.polygon([(48.4, 26), (51.6, 26), (51.6, 84), (48.4, 84)], light)
    for i in range(6):
        c.ellipse(50, 33 + i * 9, 0.9, 0.9, dark)
    c.polygon([(40, 17), (50, 28), (43, 33), (35, 21)], (light, main))
    c.polygon([(60, 17), (50, 28), (57, 33), (65, 21)], (light, main))
    c.blob([(42, 17), (58, 17), (50, 26)], dark)
    c.box(55, 42, 65, 54, 1, main)
    c.box(55, 42, 65, 44.4, 1, dark, alpha=0.5)


def _stole(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 88, 22, 3)
    c.polygon([(29, 26), (45, 22), (47, 82), (27, 84)], (light, main, dark))
    c.polygon([(55, 22), (72, 27), (75, 76), (54, 79)], (main, dark))
    c.blob([(27, 25), (50, 13), (74, 25), (64, 38), (50, 42), (36, 38)], (light, main, dark))
    c.blob([(38, 26), (50, 20), (62, 26), (50, 33)], (dark, main))
    for y in (60, 66, 72):
        c.polygon([(28, y), (46.5, y - 1), (46.6, y + 1.6), (28, y + 2.6)], _GOLD, across=True)
        c.polygon([(54.4, y - 3), (74, y - 5), (74, y - 3), (54.4, y - 1)], _GOLD, across=True)
    for i in range(10):
        c.line([(28 + i * 2, 83), (27.6 + i * 2, 89)], 0.6, main)
        c.line([(55 + i * 2, 78), (55.4 + i * 2, 84)], 0.6, dark)


def _sneaker(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(51, 74, 38, 4)
    c.blob(
        [
            (14, 46),
            (22, 40),
            (33, 47),
            (45, 36),
            (54, 45),
            (66, 55),
            (82, 59),
            (88, 68),
            (70, 72),
            (16, 71),
        ],
        (light, main, dark),
    )
    c.blob(
        [(13, 68), (30, 67), (60, 68), (88, 66), (90, 72), (80, 77), (20, 77), (12, 74)],
        ("#ffffff", "#d9dde3"),
    )
    c.line([(15, 74), (50, 75), (86, 72)], 0.8, dark, alpha=0.6)
    c.blob([(14, 47), (22, 41), (27, 46), (24, 62), (15, 64)], (dark, main))
    c.blob([(33, 47), (45, 36), (50, 41), (42, 50)], ("#4b3f55", "#2d2634"))
    for i in range(5):
        c.line([(42 + i * 5, 51 + i * 2.2), (49 + i * 4.6, 44 + i * 3.4)], 1.5, "#ffffff")
    c.blob([(72, 58), (82, 60), (87, 67), (76, 68)], ("#ffffff", "#e7e3ea"), alpha=0.85)
    c.line([(28, 63), (42, 56), (58, 64)], 2, light)


def _tote(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 87, 30, 3.4)
    c.line([(36, 42), (38, 18), (50, 12), (62, 18), (64, 42)], 2.6, (dark, main))
    c.polygon([(24, 38), (76, 38), (82, 85), (18, 85)], (light, main, dark))
    c.polygon([(24, 38), (76, 38), (76.6, 43), (23.4, 43)], dark)
    c.line([(36, 44), (38, 22), (50, 16), (62, 22), (64, 44)], 2.2, (light, main))
    for x in (36, 64):
        c.ellipse(x, 44, 1.6, 1.6, _GOLD)
    for i in range(12):
        angle = math.pi * i / 6
        c.line(
            [(50, 64), (50 + 13 * math.cos(angle), 64 - 13 * math.sin(angle))],
            1.1,
            "#fdf3cf",
            alpha=0.9,
        )
    c.ring(50, 64, 15, 15, 1.2, "#fdf3cf", alpha=0.6)
    c.ellipse(50, 64, 3, 3, _GOLD)


def _jhumka(c: Canvas, s: Shades) -> None:
    stone = s[0]
    for x in (33, 67):
        c.shadow(x, 88, 12, 2.4)
        c.ring(x, 19, 3.4, 5, 0.9, _GOLD)
        c.ellipse(x, 30, 8, 8, _GOLD)
        c.ellipse(x, 30, 5, 5, (s[2], stone, s[1]))
        for i in range(10):
            angle = i * math.pi / 5
            c.ellipse(x + 6.6 * math.cos(angle), 30 + 6.6 * math.sin(angle), 0.9, 0.9, "#fffbe8")
        c.line([(x, 38), (x, 44)], 1.2, _GOLD)
        dome = [
            (x, 43),
            (x + 7, 47),
            (x + 12, 58),
            (x + 14, 68),
            (x - 14, 68),
            (x - 12, 58),
            (x - 7, 47),
        ]
        c.blob(dome, _GOLD, across=True)
        c.box(x - 15, 66, x + 15, 70, 2, (s[2], stone, s[1]))
        for i in range(9):
            c.line([(x - 13 + i * 3.25, 70), (x - 13 + i * 3.25, 75)], 0.6, _GOLD)
            c.ellipse(x - 13 + i * 3.25, 77.5, 1.7, 2.2, ("#ffffff", "#e3d7c3"))
        c.line([(x - 6, 50), (x - 8, 62)], 1, "#fff8dc", alpha=0.8)


def _sunglasses(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 72, 36, 3.4)
    c.line([(16, 42), (8, 34), (14, 28)], 2.2, (dark, "#241c22"))
    c.line([(84, 42), (92, 34), (86, 28)], 2.2, (dark, "#241c22"))
    for x in (30, 70):
        c.blob(
            [(x - 17, 40), (x, 37), (x + 17, 40), (x + 15, 56), (x, 64), (x - 15, 56)],
            (dark, "#1d181f"),
        )
        c.blob(
            [(x - 14, 43), (x, 40), (x + 14, 43), (x + 12, 55), (x, 61), (x - 12, 55)],
            (main, light),
        )
        c.polygon([(x - 9, 44), (x - 4, 43), (x - 9, 56), (x - 12, 53)], "#ffffff", alpha=0.4)
    c.line([(44, 44), (50, 41), (56, 44)], 3, (dark, "#1d181f"))


def _lamp(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.glow(50, 36, 26, "#fff1b8", 0.9)
    c.shadow(50, 88, 22, 3)
    c.polygon([(38, 20), (62, 20), (76, 50), (24, 50)], (light, main, dark))
    c.polygon([(38, 20), (44, 20), (36, 50), (24, 50)], "#ffffff", alpha=0.25)
    for x in (31, 40, 50, 60, 69):
        c.line([(50 + (x - 50) * 0.62, 21), (x, 49)], 0.5, dark, alpha=0.4)
    c.box(48.6, 50, 51.4, 62, 1, _GOLD, across=True)
    c.mirrored([(54, 60), (63, 68), (60, 79), (54, 84)], _GOLD, across=True)
    c.box(36, 83, 64, 88, 2, _GOLD, across=True)


def _mugs(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    for x, y, shade in ((66, 32, (light, dark)), (36, 44, (light, main, dark))):
        c.shadow(x, y + 40, 22, 3)
        c.ring(x + 19, y + 18, 9, 11, 3, (main, dark))
        c.box(x - 18, y, x + 18, y + 40, 6, shade, across=True)
        c.ellipse(x, y + 1, 18, 4.6, (dark, main))
        c.ellipse(x, y + 2.2, 15.5, 3.2, ("#5b3a26", "#3c2517"))
        for i in range(4):
            c.line(
                [(x - 17, y + 14 + i * 6), (x, y + 17 + i * 6), (x + 17, y + 14 + i * 6)],
                0.8,
                "#ffffff",
                alpha=0.5,
            )
    for x in (29, 36, 43):
        c.line([(x, 40), (x - 2, 34), (x + 2, 28), (x, 22)], 1.1, "#ffffff", alpha=0.7)


def _cushions(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 86, 36, 4)
    c.blob(
        [(34, 16), (60, 20), (88, 16), (85, 42), (88, 68), (60, 65), (33, 68), (37, 42)],
        (light, dark),
    )
    for i in range(4):
        c.line([(42 + i * 11, 22), (40 + i * 11, 62)], 1.4, "#ffffff", alpha=0.4)
    c.blob(
        [(10, 36), (38, 40), (67, 35), (63, 61), (67, 87), (38, 83), (10, 87), (14, 61)],
        (light, main, dark),
    )
    for row in range(3):
        for column in range(3):
            x, y = 25 + column * 13.5, 47 + row * 14
            c.polygon([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], "#fdf3cf", alpha=0.85)
            c.polygon([(x, y - 3), (x + 3, y), (x, y + 3), (x - 3, y)], dark)


def _kadhai(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 80, 32, 4)
    for x, side in ((15, -1), (85, 1)):
        c.ring(x + side, 46, 7, 5, 2.2, (light, dark))
    c.mirrored(
        [(50, 42), (84, 43), (80, 62), (66, 77), (52, 79)],
        (dark, main, light, main, dark),
        across=True,
    )
    c.ellipse(50, 43, 36, 8, (light, main))
    c.ellipse(50, 44, 32.5, 6, (dark, "#25211f"))
    for x, y, color in (
        (40, 43, "#d9542b"),
        (52, 45, "#e9b03a"),
        (61, 43, "#6e9a3a"),
        (46, 46, "#f0d6a8"),
        (33, 45, "#6e9a3a"),
        (57, 42, "#d9542b"),
    ):
        c.ellipse(x, y, 4.2, 2.2, color)
    c.line([(28, 56), (34, 68)], 2, "#ffffff", alpha=0.35)


def _planter(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 90, 22, 3)
    for angle, size in ((-62, 30), (62, 30), (-34, 36), (34, 36), (-12, 40), (14, 38)):
        bend = math.radians(angle)
        x, y = 50 + math.sin(bend) * size, 56 - math.cos(bend) * size
        middle = (50 + math.sin(bend) * size * 0.5, 56 - math.cos(bend) * size * 0.55)
        across_x, across_y = math.cos(bend) * 7, math.sin(bend) * 7
        c.blob(
            [
                (50, 58),
                (middle[0] - across_x, middle[1] - across_y),
                (x, y),
                (middle[0] + across_x, middle[1] + across_y),
            ],
            ("#8cc06b", "#4b8a46", "#2f6637"),
        )
        c.line([(50, 57), middle, (x, y)], 0.6, "#d5efb5", alpha=0.7)
    c.polygon([(30, 56), (70, 56), (64, 88), (36, 88)], (main, light, main, dark), across=True)
    c.box(28, 53, 72, 60, 1.6, (main, light, main, dark), across=True)
    for i in range(5):
        c.polygon(
            [(35 + i * 6.4, 66), (38 + i * 6.4, 71), (35 + i * 6.4, 76), (32 + i * 6.4, 71)],
            "#fdf3cf",
            alpha=0.7,
        )


def _bedding(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 84, 38, 4)
    c.box(14, 62, 86, 82, 6, (light, main, dark))
    c.box(16, 46, 84, 64, 6, ("#ffffff", "#f1ece3", light))
    c.box(14, 30, 86, 48, 6, (light, main, dark))
    for y in (36, 68):
        for i in range(8):
            _flower(c, 20 + i * 8.6, y + (i % 2) * 5, 1.5, "#ffffff")
    c.box(45, 27, 55, 84, 1, _GOLD, across=True, alpha=0.9)
    c.blob([(50, 27), (60, 18), (66, 23), (58, 29)], _GOLD)
    c.blob([(50, 27), (40, 18), (34, 23), (42, 29)], _GOLD)


def _flask(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 91, 15, 2.6)
    c.box(43, 10, 57, 22, 2.4, ("#3a3a40", "#8b8d96", "#2a2a2f"), across=True)
    c.box(41, 20, 59, 27, 2, _STEEL, across=True)
    c.mirrored(
        [(57, 26), (66, 36), (66, 60), (66, 86), (58, 91)],
        (dark, main, light, main, dark),
        across=True,
    )
    c.box(36.5, 70, 63.5, 73, 0.4, _STEEL, across=True)
    c.line([(42, 38), (41, 66)], 1.8, "#ffffff", alpha=0.55)


def _diffuser(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 88, 22, 3)
    for x in (38, 44, 50, 57, 63):
        c.line([(50 + (x - 50) * 0.3, 48), (x + (x - 50) * 0.8, 12)], 1, ("#d8b489", "#8f6a43"))
    c.mirrored(
        [(56, 46), (57, 54), (71, 64), (71, 82), (58, 88)],
        (dark, main, light, main, dark),
        across=True,
    )
    c.box(42, 42, 58, 48, 1.4, _GOLD, across=True)
    c.box(36, 66, 64, 80, 1.4, "#fffaf0")
    _flower(c, 50, 73, 3, main)


def _serum(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 90, 17, 2.6)
    c.mirrored([(52, 8), (56, 14), (55, 26)], ("#3b3035", "#6d5c64", "#2a2126"), across=True)
    c.box(42, 26, 58, 36, 1.4, _GOLD, across=True)
    c.mirrored(
        [(56, 36), (67, 44), (67, 70), (66, 88), (54, 90)],
        (dark, main, light, main, dark),
        across=True,
    )
    c.box(36, 54, 64, 80, 1, "#fffaf3", alpha=0.95)
    c.line([(42, 60), (58, 60)], 1.4, main)
    for i, width in enumerate((12, 9, 11)):
        c.line([(50 - width, 66 + i * 4), (50 + width, 66 + i * 4)], 0.7, "#b8a7a0")
    c.line([(38, 46), (37, 52)], 1.4, "#ffffff", alpha=0.7)


def _lipsticks(c: Canvas, s: Shades) -> None:
    for x, lift, color in ((28, 8, s[2]), (50, 0, s[0]), (72, 12, s[1])):
        c.shadow(x, 88, 11, 2.4)
        c.polygon(
            [(x - 6, 30 + lift), (x + 6, 22 + lift), (x + 6, 52), (x - 6, 52)],
            (color, s[1]),
            across=True,
        )
        c.ellipse(x, 26 + lift, 6.3, 4.6, color)
        c.line([(x - 2.6, 33 + lift), (x - 2.6, 50)], 1.2, "#ffffff", alpha=0.4)
        c.box(x - 7, 50, x + 7, 60, 0.6, _GOLD, across=True)
        c.box(x - 9, 58, x + 9, 88, 1.2, ("#17141a", "#5b525f", "#211c25", "#0f0d11"), across=True)


def _jar(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 82, 30, 3.6)
    c.box(22, 44, 78, 80, 9, (dark, light, "#ffffff", light, dark), across=True)
    c.box(22, 30, 78, 48, 4, (main, light, main, dark), across=True)
    c.ellipse(50, 31, 28, 5.5, (light, main))
    for x in range(24, 78, 3):
        c.line([(x, 36), (x, 46)], 0.4, dark, alpha=0.35)
    c.box(34, 54, 66, 74, 1.4, "#fffdf8")
    _flower(c, 50, 61, 2.6, main)
    c.line([(41, 69), (59, 69)], 0.9, dark)


def _oil(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 91, 18, 2.6)
    c.box(43, 8, 57, 24, 2, ("#5a3d26", "#a57b52", "#4a301c"), across=True)
    c.mirrored(
        [(55, 24), (57, 32), (68, 44), (68, 84), (58, 91)],
        (dark, main, light, main, dark),
        across=True,
    )
    c.box(35, 50, 65, 80, 2, ("#fff8e6", "#f3e4bf"))
    for angle in (-40, 0, 40):
        bend = math.radians(angle)
        x, y = 50 + math.sin(bend) * 9, 66 - math.cos(bend) * 9
        c.blob(
            [(50, 68), ((50 + x) / 2 - 3, (68 + y) / 2), (x, y), ((50 + x) / 2 + 3, (68 + y) / 2)],
            ("#8cc06b", "#3f7a3d"),
        )
    c.line([(41, 75), (59, 75)], 1, dark)


def _perfume(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 88, 24, 3)
    c.box(41, 12, 59, 30, 2, ("#1d1a20", "#6c6472", "#1d1a20"), across=True)
    c.box(44, 29, 56, 36, 0.8, _GOLD, across=True)
    c.box(26, 35, 74, 88, 5, (light, "#ffffff", light, main), across=True)
    c.box(30, 50, 70, 84, 3, (light, main, dark), alpha=0.9)
    c.ellipse(50, 50, 20, 2, "#ffffff", alpha=0.5)
    c.box(40, 58, 60, 74, 0.8, "#fffdf8", alpha=0.95)
    c.line([(44, 66), (56, 66)], 0.9, dark)
    c.polygon([(30, 40), (35, 40), (33, 82), (30, 82)], "#ffffff", alpha=0.55)


def _palette(c: Canvas, s: Shades) -> None:
    c.shadow(50, 84, 36, 4)
    c.polygon([(20, 14), (80, 14), (84, 46), (16, 46)], ("#2a2228", "#4b3e47"))
    c.polygon([(24, 18), (76, 18), (79, 42), (21, 42)], ("#f5f8fb", "#c4d3df", "#e8eef3"))
    c.box(14, 46, 86, 82, 3, ("#3a3037", "#1f181d"))
    colors = (
        s[0],
        s[1],
        s[2],
        "#d8a06a",
        "#7d4a3a",
        "#f0cdb8",
        "#a3576b",
        "#c9b08f",
        "#5b3f53",
        "#e8ded1",
    )
    for i, color in enumerate(colors):
        x, y = 22.5 + (i % 5) * 13.8, 55.5 + (i // 5) * 16
        c.ellipse(x, y, 5.8, 5.8, color)
        c.ellipse(x - 1.4, y - 1.6, 2.6, 2, "#ffffff", alpha=0.28)


def _tube(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 90, 16, 2.6)
    c.polygon(
        [(33, 10), (67, 10), (63, 76), (37, 76)], (main, light, "#ffffff", light, main), across=True
    )
    c.box(32, 8, 68, 13, 0.8, (dark, main, dark), across=True)
    c.box(38, 75, 62, 90, 2, ("#fff6e0", _GOLD[1], "#a8782a"), across=True)
    c.ellipse(50, 34, 9, 9, _GOLD)
    for i in range(12):
        angle = i * math.pi / 6
        c.line(
            [
                (50 + 10.6 * math.cos(angle), 34 + 10.6 * math.sin(angle)),
                (50 + 13.4 * math.cos(angle), 34 + 13.4 * math.sin(angle)),
            ],
            1.1,
            _GOLD[1],
        )
    c.line([(42, 56), (58, 56)], 1.4, dark)
    c.line([(44, 61), (56, 61)], 0.8, dark, alpha=0.6)


def _earbuds(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 86, 30, 3.6)
    c.box(22, 50, 78, 86, 15, (light, main, dark))
    c.box(24, 48, 76, 60, 6, (dark, "#101216"))
    c.ellipse(50, 72, 1.3, 1.3, "#6ef09a")
    for x, side in ((37, -1), (63, 1)):
        c.box(x - 3.6, 30, x + 3.6, 56, 3.4, (light, main, dark), across=True)
        c.blob(
            [
                (x - 9 * side, 22),
                (x, 17),
                (x + 8 * side, 23),
                (x + 7 * side, 34),
                (x - 5 * side, 36),
            ],
            (light, main, dark),
        )
        c.ellipse(x - 7.4 * side, 27, 4, 5.4, ("#3a3d44", "#16181c"))
    c.line([(30, 66), (32, 78)], 1.8, "#ffffff", alpha=0.35)


def _smartwatch(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 93, 16, 2.2)
    c.polygon([(38, 6), (62, 6), (65, 32), (35, 32)], (dark, main, light, main, dark), across=True)
    c.polygon(
        [(35, 68), (65, 68), (62, 94), (38, 94)], (dark, main, light, main, dark), across=True
    )
    c.box(76, 44, 80, 55, 1.4, _STEEL)
    c.box(24, 26, 77, 74, 13, _STEEL, across=True)
    c.box(27, 29, 74, 71, 11, ("#1b2030", "#080a10"))
    c.ring(50, 50, 16, 16, 2.6, ("#ff5f7a", "#ffb03a"))
    c.ring(50, 50, 12, 12, 2.4, ("#5be3a8", "#2aa7e8"))
    c.line([(50, 50), (50, 41)], 1.2, "#ffffff")
    c.line([(50, 50), (56, 53)], 1.2, "#ffffff")
    c.polygon([(31, 32), (44, 31), (34, 66), (30, 62)], "#ffffff", alpha=0.1)


def _powerbank(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 90, 22, 3)
    c.line([(56, 22), (70, 10), (82, 22), (78, 44), (86, 60)], 1.8, ("#ffffff", "#aab4c2"))
    c.box(82, 58, 90, 72, 1.4, ("#ffffff", "#c8d0da"))
    c.box(84, 72, 88, 77, 0.4, _STEEL, across=True)
    c.box(30, 20, 68, 89, 7, (light, main, dark), across=True)
    c.box(33, 23, 65, 86, 5, main, alpha=0.6)
    c.polygon([(52, 40), (42, 57), (49, 57), (46, 71), (57, 52), (50, 52)], ("#fff3b0", "#f5b62c"))
    for i in range(4):
        c.ellipse(43 + i * 4.4, 80, 1.1, 1.1, "#7df0ff" if i < 3 else "#39505a")
    c.line([(35, 27), (35, 60)], 1.2, "#ffffff", alpha=0.4)


def _speaker(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 84, 36, 4)
    c.line([(28, 32), (40, 20), (60, 20), (72, 32)], 2.2, (dark, "#20242c"))
    c.box(12, 32, 88, 82, 22, (light, main, dark))
    c.box(17, 37, 83, 77, 17, (dark, "#14171d"))
    for row in range(7):
        for column in range(15):
            c.ellipse(21.5 + column * 4.05, 42 + row * 5, 0.75, 0.75, main, alpha=0.8)
    c.ellipse(36, 57, 13.5, 13.5, ("#3a404b", "#0f1115"))
    c.ellipse(36, 57, 6, 6, (light, main, dark))
    c.ellipse(66, 57, 13.5, 13.5, ("#3a404b", "#0f1115"))
    c.ellipse(66, 57, 6, 6, (light, main, dark))
    c.line([(24, 35.5), (50, 33.6), (76, 35.5)], 0.9, "#ffffff", alpha=0.6)


def _headphones(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 88, 30, 3)
    c.line(
        [(21, 58), (22, 34), (36, 17), (50, 13), (64, 17), (78, 34), (79, 58)],
        5.4,
        (light, main, dark),
    )
    c.line([(27, 36), (38, 22), (50, 18.6), (62, 22), (73, 36)], 2.2, "#ffffff", alpha=0.3)
    for x, side in ((23, 1), (77, -1)):
        c.box(x - 9, 50, x + 9, 84, 9, (light, main, dark))
        c.box(x + 5 * side - 5, 53, x + 5 * side + 5, 81, 5, ("#454b57", "#15181d"))
        c.ring(x - 4 * side, 67, 3.6, 7, 0.8, _STEEL)


def _ring_light(c: Canvas, s: Shades) -> None:
    main, dark, _ = s
    c.glow(50, 36, 34, "#fff6d8", 0.95)
    c.shadow(50, 92, 24, 2.4)
    for x in (34, 50, 66):
        c.line([(50, 70), (x, 91)], 1.8, ("#4a4f58", "#1d2025"))
    c.line([(50, 62), (50, 84)], 2.4, ("#6b727d", "#23272d"))
    c.ring(50, 37, 29, 29, 8, ("#ffffff", "#fff3cf", "#ffe5ad"))
    c.ring(50, 37, 29.6, 29.6, 1.2, (main, dark))
    c.ring(50, 37, 21.4, 21.4, 1, (main, dark))
    c.box(43, 24, 57, 50, 2.4, ("#23262d", "#0c0e12"))
    c.box(44.4, 26.4, 55.6, 47.6, 1, ("#ffb3c7", "#8a7bff"))


def _keyboard(c: Canvas, s: Shades) -> None:
    main, dark, light = s
    c.shadow(50, 73, 44, 4)
    c.box(6, 32, 94, 71, 4, (light, main, dark))
    c.box(9, 35, 91, 68, 2.4, ("#20232b", "#14161b"))
    accents = {(0, 0): "#ff6b6b", (3, 11): "#4ecdc4"}
    for row in range(4):
        x = 11.0
        for column in range(12):
            width = 10.6 if (row, column) in ((1, 0), (3, 11)) else 5.5
            if x + width > 90:
                break
            key = accents.get((row, column), "#f2f4f8" if (row + column) % 9 else light)
            c.box(
                x,
                37.4 + row * 7.4,
                x + width,
                43.6 + row * 7.4,
                1.2,
                (key, "#c3c9d4" if key == "#f2f4f8" else key),
            )
            x += width + 1.1


DRAWINGS: dict[str, Callable[[Canvas, Shades], None]] = {
    "bedding": _bedding,
    "cushions": _cushions,
    "diffuser": _diffuser,
    "earbuds": _earbuds,
    "flask": _flask,
    "headphones": _headphones,
    "jar": _jar,
    "jhumka": _jhumka,
    "kadhai": _kadhai,
    "keyboard": _keyboard,
    "kurta": _kurta,
    "lamp": _lamp,
    "lipsticks": _lipsticks,
    "mugs": _mugs,
    "oil": _oil,
    "palette": _palette,
    "perfume": _perfume,
    "planter": _planter,
    "powerbank": _powerbank,
    "ring_light": _ring_light,
    "saree": _saree,
    "serum": _serum,
    "shirt": _shirt,
    "smartwatch": _smartwatch,
    "sneaker": _sneaker,
    "speaker": _speaker,
    "stole": _stole,
    "sunglasses": _sunglasses,
    "tote": _tote,
    "tube": _tube,
}
