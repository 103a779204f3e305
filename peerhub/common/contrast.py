"""Colour contrast by WCAG 2.2, and an institution's colour made readable on every ground PeerHub has.

Pure functions of "#rrggbb". Sources: WCAG 2.2 "relative luminance" and "contrast ratio"; 1.4.3 asks 4.5 for text.
"""

import re
from collections.abc import Iterable
from typing import Literal

TEXT, SHAPE = 4.5, 3.0
WHITE, DARK_INK = "#FFFFFF", "#06282E"
# What text in the institution's colour stands on: canvas, surface, sunken and the soft grounds (static/css/tokens.css).
LIGHT_GROUNDS = ("#F3F6F5", "#FFFFFF", "#E8EEEC", "#DCEDEF", "#FDEFD3", "#EDE7F6", "#FBE4E0")
DARK_GROUNDS = ("#0F181B", "#172226", "#1F2C31", "#173B42", "#3A2C10", "#2E2644", "#43201C")
# The bar stays dark in dark mode; said again because the institution's light one would otherwise stand.
DARK_BAR = {"bar": "#0A1214", "bar-line": "#2E3D42", "next": "#173B42", "on-bar-2": "#A9BBBF"}
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255. Anything but "#rrggbb" is a ValueError."""
    if not _HEX.match(colour):
        raise ValueError(f"{colour!r} is not a colour such as #0D5661.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance: 0 black, 1 white."""
    red, green, blue = (linear(part) for part in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: int) -> float:
    """An sRGB channel, 0 to 255, as light, 0 to 1."""
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def ratio(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(colour: str, into: str, share: float) -> str:
    """`colour` moved by `share` (0 to 1) towards `into`."""
    parts = zip(channels(colour), channels(into), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in parts)


def label_on(colour: str) -> str:
    """White, or else the darkest ink: what reads as a label on `colour`."""
    return next((one for one in (WHITE, DARK_INK) if ratio(one, colour) >= TEXT), "#000000")


def readable(colour: str, grounds: Iterable[str], *, least: float = TEXT, towards: Literal["dark", "light"]) -> str:
    """`colour`, moved just far enough towards black or white to reach `least` on every ground."""
    end, grounds = ("#000000" if towards == "dark" else WHITE), list(grounds)
    for step in range(101):
        moved = mix(colour, end, step / 100)
        if all(ratio(moved, ground) >= least for ground in grounds):
            return moved
    return end


def _light(primary: str) -> dict[str, str]:
    shown = readable(primary, LIGHT_GROUNDS, towards="dark")
    hover = mix(shown, "#000000", 0.25)
    bar = readable(mix(shown, "#000000", 0.35), (WHITE,), least=9, towards="dark")
    own = {"primary": shown, "primary-hover": hover, "on-primary": label_on(shown), "link": shown}
    soft = readable(mix(bar, WHITE, 0.6), (bar,), towards="light")
    return own | {"bar": bar, "bar-line": bar, "next": bar, "on-bar-2": soft}


def _dark(primary: str) -> dict[str, str]:
    shown = readable(primary, DARK_GROUNDS, towards="light")
    own = {"primary": shown, "primary-hover": mix(shown, WHITE, 0.3), "on-primary": label_on(shown), "link": shown}
    return own | DARK_BAR


def _block(tokens: dict[str, str]) -> str:
    return "{" + "".join(f"--ph-{name}:{value};" for name, value in tokens.items()) + "}"


def brand_css(primary: str, dark_primary: str = "") -> str:
    """A stylesheet that puts an institution's colour on buttons, links and the bar; "" for `primary` changes nothing.

    The colour is darkened (in dark mode: lightened) until it reads on every ground, so any colour may be chosen. States
    keep their own colours. `dark_primary` defaults to `primary`. Served as a file of its own: no inline style.
    """
    if not primary:
        return ""
    light, dark = _block(_light(primary)), _block(_dark(dark_primary or primary))
    return (
        f":root{light}\n"
        f'@media screen{{[data-bs-theme="dark"]{dark}}}\n'
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-bs-theme]){dark}}}\n"
    )
