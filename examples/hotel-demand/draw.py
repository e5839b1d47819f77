#!/usr/bin/env python3
"""Draws the occupancy history of both hotels as an SVG.

Reads what `pesan show nights --json` prints (or `expected.py --print nights`). Every night is
one step; the room types stand on each other. The geometry is in nights and rooms, and a
transform brings it to the page, which keeps the file small.
"""

import argparse
import collections
import datetime
import html
import json
import sys
from typing import Iterable, Iterator

HOTELS = {"city": "City Hotel", "resort": "Resort Hotel"}
TYPES = ["A", "D", "E", "F", "G"]  # the rest are drawn as one
COLOURS = {"A": "#1f4e79", "D": "#2f8f9d", "E": "#7cc5a5", "F": "#f2c14e", "G": "#e8855b",
           "other": "#a56b8f"}
INK, MUTED, GRID = "#1f2933", "#616e7c", "#dfe4ea"

WIDTH, HEIGHT = 1200, 800
LEFT, RIGHT = 70, 1165
PANEL_TOPS, PANEL_HEIGHT = (140, 465), 225
GRID_STEP = 50  # rooms

Nights = dict[str, dict[str, collections.Counter]]  # hotel, room type, night


def read_nights(lines: Iterable[str]) -> Nights:
    """Sums the booked units of each hotel, drawn room type and night."""
    nights = {hotel: collections.defaultdict(collections.Counter) for hotel in HOTELS}
    for line in lines:
        row = json.loads(line)
        hotel, _, room_type = row["resource_id"].partition("-")
        layer = room_type if room_type in TYPES else "other"
        night = datetime.date.fromisoformat(row["night"]).toordinal()
        nights[hotel][layer][night] += row["booked_units"]
    return nights


def attributes(more: dict[str, str]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())


def text(x: float, y: float, words: str, size: int = 13, colour: str = INK, **more: str) -> str:
    return (f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{attributes(more)}>'
            f"{html.escape(words)}</text>")


def line(x1: float, y1: float, x2: float, y2: float, colour: str, **more: str) -> str:
    return (f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{colour}" fill="none"'
            f"{attributes(more)}/>")


def outline(heights: list[int]) -> str:
    """Returns the path of a staircase with one step a night, in nights and rooms."""
    steps, before, run = ["M0 0"], 0, 0
    for height in heights:
        if height != before:
            steps.append(f"h{run}v{height - before}" if run else f"v{height - before}")
            before, run = height, 0
        run += 1
    return "".join(steps) + f"h{run}V0z"


class Chart:
    """Places nights on the page; both panels share the horizontal axis."""

    def __init__(self, nights: Nights):
        days = [day for hotel in nights.values() for layer in hotel.values() for day in layer]
        self.first, self.last = min(days), max(days)
        self.nights = nights

    def x(self, day: int) -> float:
        return LEFT + (day - self.first) * self.night_width

    @property
    def night_width(self) -> float:
        return (RIGHT - LEFT) / (self.last - self.first + 1)

    def months(self) -> Iterator[datetime.date]:
        """Yields the first day of every month that the axis shows."""
        for day in range(self.first, self.last + 1):
            date = datetime.date.fromordinal(day)
            if date.day == 1:
                yield date

    def layers(self, hotel: str) -> list[tuple[str, list[int]]]:
        """Returns the tops of the stacked room types, the highest one first."""
        tops, total = [], [0] * (self.last - self.first + 1)
        for layer in [*TYPES, "other"]:
            rooms = self.nights[hotel][layer]
            total = [below + rooms[self.first + n] for n, below in enumerate(total)]
            tops.append((layer, total))
        return tops[::-1]

    def panel(self, hotel: str, top: int) -> Iterator[str]:
        """Yields one hotel: grid, stacked room types, peak line, headings."""
        layers = self.layers(hotel)
        total = layers[0][1]
        peak = max(total)
        peak_day = self.first + total.index(peak)
        base, scale = top + PANEL_HEIGHT, PANEL_HEIGHT / peak
        # The last grid line keeps clear of the peak, so that their labels do not meet.
        for rooms in range(0, peak - GRID_STEP // 5, GRID_STEP):
            y = base - rooms * scale
            yield line(LEFT, y, RIGHT, y, GRID)
            yield text(LEFT - 10, y + 4, str(rooms), 12, MUTED, text_anchor="end")
        yield f'<g transform="translate({LEFT} {base}) scale({self.night_width:.5f} {-scale:.5f})">'
        for layer, heights in layers:
            yield f'<path d="{outline(heights)}" fill="{COLOURS[layer]}"/>'
        yield "</g>"
        yield line(LEFT, base, RIGHT, base, MUTED)
        y = base - peak * scale
        yield line(LEFT, y, RIGHT, y, INK, stroke_dasharray="5 4", stroke_width="1.2")
        yield f'<circle cx="{self.x(peak_day):.1f}" cy="{y:.1f}" r="4" fill="{INK}"/>'
        yield from self.month_ticks(base)
        when = datetime.date.fromordinal(peak_day)
        yield text(LEFT, top - 16, HOTELS[hotel], 17, font_weight="600")
        yield text(RIGHT, top - 16, f"{sum(total):,} room nights · fullest night "
                   f"{when.day} {when:%B %Y}: {peak} rooms", 13, MUTED, text_anchor="end")
        yield text(LEFT - 10, y + 4, str(peak), 12, INK, text_anchor="end", font_weight="600")

    def month_ticks(self, base: float) -> Iterator[str]:
        for date in self.months():
            x = self.x(date.toordinal())
            yield line(x, base, x, base + (9 if date.month in (1, 4, 7, 10) else 5), MUTED)
            if date.month in (1, 4, 7, 10):
                year_shown = date.month == 1 or date.toordinal() == self.first
                bold = {"font_weight": "600"} if year_shown else {}
                words = f"{date:%b %Y}" if year_shown else f"{date:%b}"
                yield text(x, base + 24, words, 12, INK if bold else MUTED, **bold)

    def svg(self) -> str:
        """Returns the whole picture."""
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="Helvetica, Arial, \'DejaVu Sans\', sans-serif">',
            "<title>Rooms slept in per night in two hotels</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#ffffff"/>',
            text(LEFT, 48, "Two hotels, night by night", 25, font_weight="700"),
            text(LEFT, 74, "Rooms slept in per night, by reserved room type", 14, MUTED),
            *self.legend(),
        ]
        for hotel, top in zip(HOTELS, PANEL_TOPS):
            parts += self.panel(hotel, top)
        parts.append(text(LEFT, HEIGHT - 28, "Data: Antonio, de Almeida, Nunes, Hotel booking "
                          "demand datasets, Data in Brief 22 (2019), doi 10.1016/j.dib.2018.11.126,"
                          " CC BY 4.0. Arrivals end on 31 August 2017.", 12, MUTED))
        return "\n".join([*parts, "</svg>\n"])

    def legend(self) -> Iterator[str]:
        x, y = RIGHT, 48
        yield text(x, y, "busiest night", 13, MUTED, text_anchor="end")
        x -= 118
        yield line(x, y - 4, x + 24, y - 4, INK, stroke_dasharray="5 4", stroke_width="1.2")
        for layer in ["other", *reversed(TYPES)]:
            x -= 66 if layer == "other" else 42
            yield f'<rect x="{x}" y="{y - 11}" width="13" height="13" rx="2" ' \
                  f'fill="{COLOURS[layer]}"/>'
            yield text(x + 18, y, layer, 13, MUTED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nights", help="JSON lines of `pesan show nights --json`, - for stdin")
    parser.add_argument("svg", help="the file to write")
    options = parser.parse_args()
    if options.nights == "-":
        nights = read_nights(sys.stdin)
    else:
        with open(options.nights, encoding="utf-8") as file:
            nights = read_nights(file)
    with open(options.svg, "w", encoding="utf-8") as file:
        file.write(Chart(nights).svg())


if __name__ == "__main__":
    main()
