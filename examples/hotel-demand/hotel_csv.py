"""Reads the hotel booking demand CSV and names its rows: what commands.py and expected.py share.

Nothing here knows a rule of pesan. Days are counted as `datetime.date` ordinals.
"""

import csv
import datetime
import lzma
import os
import sys
from typing import Iterator, NamedTuple

DOI = "10.1016/j.dib.2018.11.126"
PREFIXES = {"City Hotel": "city", "Resort Hotel": "resort"}
MONTHS = {datetime.date(2000, month, 1).strftime("%B"): month for month in range(1, 13)}


class Row(NamedTuple):
    """One booking of the data set. Guests and rate stay as they are written in the file."""

    number: int  # 1 is the first line below the header
    hotel: str
    room_type: str
    resource: str
    created: int
    arrival: int
    departure: int
    status: str  # "Check-Out", "Canceled" or "No-Show"
    ended: int  # the day of that status
    guests: tuple[str, str, str]  # adults, children, babies
    rate: str  # average daily rate in EUR

    @property
    def name(self) -> str:
        return f"r{self.number:06d}"

    @property
    def booking_id(self) -> str:
        return f"{self.resource}.{self.name}"


def read_rows(path: str) -> Iterator[Row]:
    """Yields every row of the CSV, or of the CSV inside an .xz file, in file order."""
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        for number, line in enumerate(csv.DictReader(file), start=1):
            yield _row(number, line)


def add_csv_argument(parser) -> None:
    """Adds the positional CSV path, which PESAN_HOTEL_CSV may give instead."""
    default = os.environ.get("PESAN_HOTEL_CSV")
    parser.add_argument(
        "csv",
        nargs="?" if default else None,
        default=default,
        help=f"hotel_bookings.csv or .csv.xz (doi {DOI}); default: $PESAN_HOTEL_CSV",
    )


def add_scale_argument(parser) -> None:
    """Adds the share of the peak that every room type has as its units."""
    parser.add_argument(
        "--units-scale",
        metavar="SHARE",
        default="1",
        help="units of a room type = floor(SHARE x most rooms held at once); default 1",
    )


def _row(number: int, line: dict) -> Row:
    arrival = datetime.date(
        int(line["arrival_date_year"]),
        MONTHS[line["arrival_date_month"]],
        int(line["arrival_date_day_of_month"]),
    ).toordinal()
    nights = int(line["stays_in_weekend_nights"]) + int(line["stays_in_week_nights"])
    hotel, room_type = line["hotel"], line["reserved_room_type"].strip()
    return Row(
        number=number,
        hotel=hotel,
        room_type=room_type,
        resource=sys.intern(f"{PREFIXES[hotel]}-{room_type}"),
        created=arrival - int(line["lead_time"]),
        arrival=arrival,
        departure=arrival + nights,
        status=sys.intern(line["reservation_status"]),
        ended=datetime.date.fromisoformat(line["reservation_status_date"]).toordinal(),
        guests=(line["adults"], line["children"], line["babies"]),
        rate=line["adr"],
    )
