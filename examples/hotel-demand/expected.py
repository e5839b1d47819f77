#!/usr/bin/env python3
"""Counts from the CSV alone what pesan must answer to commands.py and what it must then store.

It shares no rule with commands.py and replays no stream. Each room type is looked at by
itself: a room that is given back on a day is free for bookings created on a later day, because
all creations of a day come before everything else of that day.
"""

import argparse
import collections
import datetime
import fractions
import heapq
import json
import math
from typing import Iterable, Iterator, NamedTuple

from hotel_csv import Row, add_csv_argument, add_scale_argument, read_rows

NEVER = datetime.date.max.toordinal()

# What happens in one day, in this order.
DAY = ["create", "payment", "check-out", "check-in", "cancel", "late payment", "late check-out",
       "no-show"]


class Expectation(NamedTuple):
    """The outcome of every command in stream order, and the rooms booked per night."""

    outcomes: list[tuple[str, str]]  # command id, "accepted" or the code of the rejection
    nights: dict[tuple[str, str], int]  # (resource_id, night) to booked_units above 0


def expect(rows: list[Row], scale: fractions.Fraction) -> Expectation:
    """Computes the expectation for rooms cut to a share of the peak of each room type."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row.resource].append(row)
    refusals = {}
    for group in groups.values():
        refusals |= refused_creations(group, scale)
    outcomes = [(f"{resource}-define", "accepted") for resource in sorted(groups)]
    lines = sorted(line for row in rows for line in commands_of(row, refusals.get(row.number)))
    outcomes += [(id_, outcome) for *_, id_, outcome in lines]
    return Expectation(outcomes, booked_nights(r for r in rows if r.number not in refusals))


def refused_creations(group: list[Row], scale: fractions.Fraction) -> dict[int, str]:
    """Returns the code for each row of one room type whose creation is refused."""
    refusals = {row.number: fault for row in group if (fault := fault_of(row))}
    sound = sorted((row for row in group if row.number not in refusals),
                   key=lambda row: (row.created, row.number))
    _, peak = admit(sound, units=len(sound))
    full, _ = admit(sound, units=math.floor(scale * peak))
    return refusals | dict.fromkeys(full, "capacity_exceeded")


def fault_of(row: Row) -> str | None:
    """Names what is wrong with a booking by itself."""
    try:
        guests = sum(int(count) for count in row.guests)
    except ValueError:
        return "invalid_field"
    if guests < 1:
        return "invalid_field"
    return None if row.departure > row.arrival else "invalid_range"


def admit(sound: list[Row], units: int) -> tuple[set[int], int]:
    """Lets bookings in where all their nights have room. Returns who is refused, and the peak."""
    given_back = collections.defaultdict(list)  # night to a heap: the day each room gets free
    refused, peak = set(), 0
    for row in sound:
        nights = range(row.arrival, row.departure)
        for night in nights:
            while given_back[night] and given_back[night][0] < row.created:
                heapq.heappop(given_back[night])
        if any(len(given_back[night]) >= units for night in nights):
            refused.add(row.number)
            continue
        for night in nights:
            slept = row.status == "Check-Out" and night < row.ended
            heapq.heappush(given_back[night], NEVER if slept else row.ended)
            peak = max(peak, len(given_back[night]))
    return refused, peak


def commands_of(row: Row, refusal: str | None) -> Iterator[tuple[int, int, int, str, str]]:
    """Yields (day, order in the day, row, command id, outcome) for every command of a row."""
    after = "booking_not_found" if refusal else "accepted"
    bill = "invalid_field" if row.rate.startswith("-") and row.departure > row.arrival else after
    late = "late " if row.ended == row.arrival else ""
    story = {
        "Canceled": [(row.ended, "cancel", after)],
        "No-Show": [(row.ended, "no-show", after)],
        "Check-Out": [(row.arrival, "check-in", after), (row.ended, late + "payment", bill),
                      (row.ended, late + "check-out", after)],
    }
    for day, what, outcome in [(row.created, "create", refusal or "accepted")] + story[row.status]:
        id_ = f"{row.name}-{what.removeprefix('late ')}"
        yield day, DAY.index(what), row.number, id_, outcome


def booked_nights(accepted: Iterable[Row]) -> dict[tuple[str, str], int]:
    """Counts the nights slept: cancellations and no-shows keep none, early leavers those before."""
    slept = collections.Counter(
        (row.resource, night)
        for row in accepted
        if row.status == "Check-Out"
        for night in range(row.arrival, min(row.departure, row.ended))
    )
    return {(resource, datetime.date.fromordinal(night).isoformat()): units
            for (resource, night), units in sorted(slept.items())}


def summary(outcomes: list[tuple[str, str]]) -> Iterator[str]:
    """Yields one line per kind of command and outcome, with how many there are."""
    kinds = ("define", "create", "check-in", "payment", "check-out", "cancel", "no-show")
    counts = collections.Counter(
        (next(kind for kind in kinds if id_.endswith(f"-{kind}")), outcome)
        for id_, outcome in outcomes
    )
    for (kind, outcome), count in sorted(counts.items(), key=lambda c: kinds.index(c[0][0])):
        yield f"{kind:10} {outcome:18} {count:8,}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_csv_argument(parser)
    add_scale_argument(parser)
    parser.add_argument("--print", choices=["outcomes", "nights", "summary"], default="summary")
    options = parser.parse_args()
    expectation = expect(list(read_rows(options.csv)), fractions.Fraction(options.units_scale))
    if options.print == "outcomes":
        for id_, outcome in expectation.outcomes:
            print(json.dumps({"id": id_, "outcome": outcome}))
    elif options.print == "nights":
        for (resource, night), units in expectation.nights.items():
            print(json.dumps({"resource_id": resource, "night": night, "booked_units": units}))
    else:
        print("\n".join(summary(expectation.outcomes)))


if __name__ == "__main__":
    main()
