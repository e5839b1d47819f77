#!/usr/bin/env python3
"""Compares what pesan answered and stored with what expected.py counts. Exits 1 if they differ."""

import argparse
import fractions
import itertools
import json
import sys
from typing import Iterator

from expected import expect
from hotel_csv import add_csv_argument, add_scale_argument, read_rows

SHOWN = 10


def outcome_differences(path: str, outcomes: list[tuple[str, str]]) -> Iterator[str]:
    """Yields a sentence for every line of `pesan apply` that is not the expected outcome."""
    with open(path, encoding="utf-8") as file:
        pairs = itertools.zip_longest(file, outcomes)
        for number, (line, expected) in enumerate(pairs, start=1):
            found = outcome_of(json.loads(line)) if line else None
            if found != expected:
                yield f"{path}:{number}: expected {expected}, found {found}"


def outcome_of(result: dict) -> tuple[str, str]:
    """Returns the command id and "accepted" or the code of one result."""
    data = result["data"]
    accepted = result["type"] == "CommandAccepted"
    return data["command"]["id"], "accepted" if accepted else data.get("code")


def night_differences(path: str, nights: dict[tuple[str, str], int]) -> Iterator[str]:
    """Yields a sentence for every night of `pesan show nights --json` that is counted wrong."""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    found = {(row["resource_id"], row["night"]): row["booked_units"] for row in rows}
    if len(found) < len(rows):
        yield f"{path}: a night stands there twice"
    for key in sorted(found.keys() | nights.keys()):
        if found.get(key, 0) != nights.get(key, 0):
            yield f"{path}: {key}: expected {nights.get(key, 0)}, found {found.get(key, 0)}"


def report(what: str, checked: int, differences: Iterator[str]) -> bool:
    """Prints the first differences, or that there are none. Returns whether there are none."""
    first = list(itertools.islice(differences, SHOWN))
    for difference in first:
        print(difference)
    more = sum(1 for _ in differences)
    print(f"{what}: {checked:,} expected, {len(first) + more:,} differ")
    return not first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_csv_argument(parser)
    add_scale_argument(parser)
    parser.add_argument("--results", help="what `pesan apply` printed")
    parser.add_argument("--nights", help="what `pesan show nights --json` printed")
    options = parser.parse_args()
    if not options.results and not options.nights:
        parser.error("give --results, --nights or both")
    expected = expect(list(read_rows(options.csv)), fractions.Fraction(options.units_scale))
    same = True
    if options.results:
        differences = outcome_differences(options.results, expected.outcomes)
        same &= report("outcomes", len(expected.outcomes), differences)
    if options.nights:
        differences = night_differences(options.nights, expected.nights)
        same &= report("nights", len(expected.nights), differences)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
