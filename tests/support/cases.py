"""Test cases across the test binaries: counts the results of a run, picks cases by a regex.

cases.py count RESULTS         RESULTS holds ctest.junit and one GoogleTest XML per CTest entry.
                               Shows what failed; the last line is "N passed, N failed".
cases.py select BUILD REGEX    Prints a GTEST_FILTER, then a regex for ctest -R.
"""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

TAIL_LINES = 60
# What a machine may lack, with the cases that then cannot run. Any other skip is a failure.
MAY_SKIP = {
    "root may write everywhere": r"AReadOnlyFolder\.",
    "this user may not mount a small disk": r"SqliteLogCrash\.",
    "no /dev/full here": r"Output\.",
    "no hotel_bookings.csv": r"Hotel",
    "the judge of": r"judges\.",
}
FILTER_LIMIT = 120_000  # the kernel takes 128 KiB in one variable


def shown(name, text):
    lines = (text or "").strip().splitlines()
    print(f"\nFAILED: {name}")
    if len(lines) > TAIL_LINES:
        print(f"  ... ({len(lines) - TAIL_LINES} lines before these)")
    for line in lines[-TAIL_LINES:]:
        print(f"  {line}")


def may_skip(name, reason):
    return any(reason.startswith(lack) and re.search(cases, name)
               for lack, cases in MAY_SKIP.items())


def count_gtest(path, tally):
    """Adds one binary's cases; true when at least one of them failed."""
    failed = False
    for case in xml.parse(path).getroot().iter("testcase"):
        if case.get("status") == "notrun":
            continue
        failures = case.findall("failure")
        if failures:
            failed = True
            tally["failed"] += 1
            texts = "\n".join(failure.get("message") or failure.text or "" for failure in failures)
            shown(f"{case.get('classname')}.{case.get('name')}", texts)
        elif case.get("result") == "skipped":
            said = [skipped.get("message") or "" for skipped in case.findall("skipped")]
            reason = " ".join(" ".join(said).split("\n")[1:]).strip() or "no reason given"
            name = f"{case.get('classname')}.{case.get('name')}"
            if may_skip(name, reason):
                tally["skipped"] += 1
                print(f"skipped: {name}: {reason}")
            else:
                failed = True
                tally["failed"] += 1
                shown(name, f"skipped, and not on the list of cases.py: {reason}")
        else:
            tally["passed"] += 1
    return failed


def said_by(entry):
    return (entry.findtext("system-out") or "").strip()


def count(results):
    tally = {"passed": 0, "failed": 0, "skipped": 0}
    junit = os.path.join(results, "ctest.junit")
    entries = xml.parse(junit).getroot().iter("testcase") if os.path.exists(junit) else []
    for entry in entries:
        name, status = entry.get("name"), entry.get("status")
        cases = os.path.join(results, name + ".xml")
        counted = os.path.exists(cases)
        explained = counted and count_gtest(cases, tally)
        if status == "run":
            # That servers started is no test, only that they did not is worth a line.
            tally["passed"] += 0 if counted or name.startswith("stack.") else 1
        elif entry.find("skipped") is not None and may_skip(name, said_by(entry)):
            tally["skipped"] += 1
            print(f"skipped: {name}: {said_by(entry)}")
        elif not explained:  # it crashed, ran out of time, leaked or never began: no case says so
            tally["failed"] += 1
            shown(name, entry.findtext("system-out"))
    if tally["failed"]:
        print(f"\nall output is in {os.path.join(results, 'ctest.log')}")
    skipped = f", {tally['skipped']} skipped" if tally["skipped"] else ""
    print(f"{tally['passed']} passed, {tally['failed']} failed{skipped}")
    return 0 if tally["passed"] and not tally["failed"] else 1


def cases_of(binary):
    """{suite: [case]} as the binary lists them."""
    listed = subprocess.run([binary, "--gtest_list_tests"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    suites, suite = {}, None
    for line in listed.splitlines():
        text = line.split("  # ")[0].rstrip()
        if not line.startswith(" ") and text.endswith("."):
            suite = text[:-1]
            suites[suite] = []
        elif suite and text.startswith("  "):
            suites[suite].append(text.strip())
    return suites


def select(build, regex):
    pattern = re.compile(regex)
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True,
                            text=True, stdout=subprocess.PIPE).stdout
    entries, filters, matched_in = [], [], {}
    for test in json.loads(listed)["tests"]:
        binary = test["command"][0]
        environment = [value for entry in test["properties"] if entry["name"] == "ENVIRONMENT"
                       for value in entry["value"]]
        if not any(value.startswith("GTEST_OUTPUT=") for value in environment):
            matched = bool(pattern.search(test["name"]))
        elif binary in matched_in:
            matched = matched_in[binary]
        else:
            matched = False
            for suite, cases in cases_of(binary).items():
                hits = [case for case in cases if pattern.search(f"{suite}.{case}")]
                if hits and len(hits) == len(cases):
                    filters.append(f"{suite}.*")
                else:
                    filters.extend(f"{suite}.{case}" for case in hits)
                matched = matched or bool(hits)
            matched_in[binary] = matched
        if matched:
            entries.append(test["name"])
    if not entries:
        sys.exit(f"no test matches {regex}")
    if len(":".join(filters)) > FILTER_LIMIT:
        sys.exit(f"too many tests match {regex}; narrow it, or run a folder with -L")
    print(":".join(filters))
    print("^(" + "|".join(re.escape(name) for name in entries) + ")$")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["count"] and len(sys.argv) == 3:
        sys.exit(count(sys.argv[2]))
    if sys.argv[1:2] == ["select"] and len(sys.argv) == 4:
        sys.exit(select(sys.argv[2], sys.argv[3]))
    sys.exit(__doc__)
