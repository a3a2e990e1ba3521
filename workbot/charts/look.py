"""What all charts have in common: colours, letters, and how a specification becomes a picture."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import Any

import vl_convert

from workbot.texts import clean

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
VERSION = "6.4"
# From least to most favourable; the text on each keeps a contrast of at least 4.5 to 1.
STEPS = ("#b35806", "#f6b26b", "#dedede", "#92bfdf", "#1f5f99")
LINES = ("#1f5f99", "#b35806", "#3b7d4f", "#7a4a9c", "#4d4d4d")
INK, SOFT, RULE = "#1c1c1c", "#595959", "#d0d0d0"
# White or black can be read on any colour.
INKS = ("#ffffff", INK, "#000000")
# Liberation Sans measures like Arial; DejaVu Sans has every letter.
FONT = "Arial, Liberation Sans, DejaVu Sans, sans-serif"
WIDTH = 600
SCALE = 2

CONFIG: Spec = {
    "font": FONT,
    "view": {"stroke": None},
    "title": {"anchor": "start", "color": INK, "fontSize": 16, "fontWeight": "bold", "offset": 10, "frame": "group"},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 13,
        "titleColor": SOFT,
        "gridColor": RULE,
        "domainColor": RULE,
        "tickColor": RULE,
    },
    "legend": {"labelColor": INK, "labelFontSize": 13, "symbolSize": 120, "labelLimit": 560},
    "text": {"color": INK, "fontSize": 13},
}


def steps(count: int) -> tuple[str, ...]:
    """So many colours from the least favourable to the most."""
    places = [(len(STEPS) - 1) * number / max(1, count - 1) for number in range(count)]
    return tuple(_between(STEPS[int(place)], STEPS[min(int(place) + 1, len(STEPS) - 1)], place % 1) for place in places)


def ink_on(colour: str) -> str:
    """The first of the inks that can be read on a colour: a contrast of at least 4.5 to 1 (WCAG 2.2)."""
    ground = _luminance(colour)
    return next(ink for ink in INKS if _contrast(_luminance(ink), ground) >= 4.5)


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _between(first: str, second: str, share: float) -> str:
    mixed = (round(one + (other - one) * share) for one, other in zip(_parts(first), _parts(second), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


@dataclass(frozen=True)
class Chart:
    """A specification, and the words that stand for it."""

    spec: Spec
    alt: str

    def svg(self) -> str:
        return str(vl_convert.vegalite_to_svg(self._whole(), vl_version=VERSION))

    def png(self) -> bytes:
        return bytes(vl_convert.vegalite_to_png(self._whole(), vl_version=VERSION, scale=SCALE))

    def _whole(self) -> str:
        return json.dumps({"$schema": SCHEMA, "background": "#ffffff", "padding": 16, "config": CONFIG} | self.spec)


def short(text: str, most: int) -> str:
    """Text that may stand in a chart: a control character would end the whole process in the renderer."""
    return textwrap.shorten(clean(text), most, placeholder="…")
