#!/usr/bin/env python3
"""Turns the hotel booking demand data set into pesan commands: JSON lines, in time order.

Every row becomes a CreateBooking on its day of creation and then what became of it: a
cancellation, a no-show, or check-in, payment and check-out. No row is left out, also where
pesan must refuse it. The file knows days only; the hours below are ours. Use the output with
`pesan apply --clock command`.
"""

import argparse
import collections
import datetime
import decimal
import fractions
import functools
import json
import math
import signal
import statistics
import sys
import zoneinfo
from typing import Iterator, NamedTuple

from hotel_csv import Row, add_csv_argument, add_scale_argument, read_rows

TIMEZONE = "Europe/Lisbon"
SOURCE = "/hotel-demand"

# Minutes of the local day. A guest who leaves on the day of arrival leaves in the evening.
OPENING = 8 * 60
CREATION = 10 * 60
PAYMENT = 11 * 60
CHECK_OUT = 11 * 60 + 30
CHECK_IN = 15 * 60
CANCELLATION = 18 * 60
EVENING_PAYMENT = 20 * 60
EVENING_CHECK_OUT = 20 * 60 + 30
NO_SHOW = 23 * 60

RESERVATIONS = {"type": "system", "id": "reservations"}
FRONT_DESK = {"type": "admin", "id": "front-desk"}
OWNER = {"type": "admin", "id": "owner"}


class Step(NamedTuple):
    """One command to send; steps sort into the order of the stream."""

    day: int
    minute: int  # local
    row_number: int
    kind: str


def steps_of(row: Row) -> list[Step]:
    """Lists what happens to a booking, each step at its day and minute."""

    def step(day: int, minute: int, kind: str) -> Step:
        return Step(day, minute, row.number, kind)

    creation = step(row.created, CREATION, "create")
    if row.status == "Canceled":
        return [creation, step(row.ended, CANCELLATION, "cancel")]
    if row.status == "No-Show":
        return [creation, step(row.ended, NO_SHOW, "no-show")]
    same_day = row.ended == row.arrival
    return [
        creation,
        step(row.arrival, CHECK_IN, "check-in"),
        step(row.ended, EVENING_PAYMENT if same_day else PAYMENT, "payment"),
        step(row.ended, EVENING_CHECK_OUT if same_day else CHECK_OUT, "check-out"),
    ]


def party_size(row: Row) -> int | str:
    """The number of guests, or the text of the first count that is not a number."""
    for count in row.guests:
        if not count.isdigit():
            return count
    return sum(map(int, row.guests))


def minor_units(euros: str) -> int:
    return int((decimal.Decimal(euros) * 100).to_integral_value())


def can_hold(row: Row) -> bool:
    """Says whether pesan would accept the booking where there is room enough."""
    party = party_size(row)
    return isinstance(party, int) and party >= 1 and row.departure > row.arrival


def peaks(rows: list[Row], steps: list[Step]) -> dict[str, int]:
    """Plays the stream and returns the most rooms of each type held at once for one night."""
    peak = {row.resource: 0 for row in rows}
    held = collections.Counter()
    for step in steps:
        row = rows[step.row_number - 1]
        if not can_hold(row):
            continue
        if step.kind == "create":
            for night in range(row.arrival, row.departure):
                held[row.resource, night] += 1
                peak[row.resource] = max(peak[row.resource], held[row.resource, night])
        elif step.kind in ("cancel", "no-show"):
            for night in range(row.arrival, row.departure):
                held[row.resource, night] -= 1
        elif step.kind == "check-out":
            for night in range(step.day, row.departure):
                held[row.resource, night] -= 1
    return peak


def median_rates(rows: list[Row]) -> dict[str, int]:
    """Returns the median of each room type's rates above zero, in cents; 0 without any."""
    rates = collections.defaultdict(list)
    for row in rows:
        rates[row.resource].append(minor_units(row.rate))
    paid = {resource: [rate for rate in all_ if rate > 0] for resource, all_ in rates.items()}
    return {resource: statistics.median_low(p) if p else 0 for resource, p in paid.items()}


def iso_day(day: int) -> str:
    return datetime.date.fromordinal(day).isoformat()


@functools.lru_cache(maxsize=64)
def instant(day: int, minute: int) -> str:
    """Returns a local day and minute as an instant in UTC."""
    midnight = datetime.datetime.fromordinal(day).replace(tzinfo=zoneinfo.ZoneInfo(TIMEZONE))
    local = midnight.replace(hour=minute // 60, minute=minute % 60)
    return local.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def command(id_: str, type_: str, time: str, data: dict) -> dict:
    return {
        "specversion": "1.0", "id": id_, "source": SOURCE, "type": type_, "time": time,
        "data": data,
    }


def define_rooms(rows: list[Row], steps: list[Step], scale: fractions.Fraction) -> Iterator[dict]:
    """Yields one DefineRoom for every hotel and reserved room type, before the first booking."""
    opening = instant(steps[0].day, OPENING)
    titles = {row.resource: f"{row.hotel}, room type {row.room_type}" for row in rows}
    peak, rate = peaks(rows, steps), median_rates(rows)
    for resource in sorted(titles):
        yield command(f"{resource}-define", "DefineRoom", opening, {
            "resource": resource, "actor": OWNER, "name": titles[resource],
            "units": math.floor(scale * peak[resource]), "inventory": "nightly",
            "nightly_price_minor": rate[resource], "currency": "EUR", "timezone": TIMEZONE,
        })


def booking_command(row: Row, step: Step) -> dict:
    """Builds the command of one step."""
    data = {"resource": row.resource, "actor": FRONT_DESK, "booking_id": row.booking_id}
    if step.kind == "create":
        type_ = "CreateBooking"
        data |= {
            "actor": RESERVATIONS, "status": "confirmed", "party_size": party_size(row),
            "check_in": iso_day(row.arrival), "check_out": iso_day(row.departure),
            "customer": {"name": f"Guest {row.number:06d}"},
        }
    elif step.kind == "cancel":
        type_ = "ChangeStatus"
        data |= {"actor": RESERVATIONS, "status": "cancelled"}
    elif step.kind == "no-show":
        type_ = "ChangeStatus"
        data |= {"status": "no_show"}
    elif step.kind == "check-in":
        type_ = "CheckIn"
    elif step.kind == "payment":
        type_ = "RecordPayment"
        amount = minor_units(row.rate) * (row.departure - row.arrival)
        data |= {"status": "paid", "amount_minor": amount}
    else:
        type_ = "CheckOut"
    return command(f"{row.name}-{step.kind}", type_, instant(step.day, step.minute), data)


def stream(rows: list[Row], scale: fractions.Fraction) -> Iterator[dict]:
    """Yields the whole stream in time order; what shares a minute stands in row order."""
    steps = sorted(step for row in rows for step in steps_of(row))
    yield from define_rooms(rows, steps, scale)
    for step in steps:
        yield booking_command(rows[step.row_number - 1], step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_csv_argument(parser)
    add_scale_argument(parser)
    options = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `commands.py CSV | head` is no error
    encode = json.JSONEncoder(separators=(",", ":")).encode
    for each in stream(list(read_rows(options.csv)), fractions.Fraction(options.units_scale)):
        sys.stdout.write(encode(each) + "\n")


if __name__ == "__main__":
    main()
