#!/usr/bin/env python3
"""The house rules that no compiler checks: who may include whom, and what code looks like here.

Prints file:line: [rule] what to do instead, and exits 1 if a rule is broken. Reads the repository
that it stands in, or the folder given. house_rules_test.py shows of each rule that it can fail.
"""

import functools
import os
import re
import subprocess
import sys

from cpp_text import without_comments_and_strings

TOP_LEVEL = set(
    "CMakeLists.txt engine events projections adapters sql tests docker-compose.yml README.md "
    "ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md LICENSE CMakePresets.json Dockerfile dev bench "
    "docs examples cmake".split())
PURE_ROOMS = ("events/", "engine/", "projections/")
PRODUCT_ROOMS = PURE_ROOMS + ("adapters/",)
MAX_COLUMNS, MAX_LINES, MAX_TEST_LINES, MAX_DOCUMENT_LINES = 100, 400, 500, 300

# Which rooms a room may include. The longest prefix of a file's path decides.
LAYERS = {
    "events/": ["events/"],
    "engine/": ["events/", "engine/"],
    "projections/": ["events/", "projections/"],
    "adapters/": ["events/", "engine/", "projections/"],
    "adapters/http/": ["events/", "projections/", "adapters/http/"],
    "adapters/runtime/": ["events/", "engine/", "projections/", "adapters/metrics/",
                          "adapters/runtime/"],
    # The one place that knows which technologies there are.
    "adapters/runtime/installation.cpp": [
        "events/", "engine/", "projections/", "adapters/kafka/", "adapters/mysql/",
        "adapters/sqlite/", "adapters/files/", "adapters/runtime/"],
    "adapters/cli/": ["events/", "engine/", "projections/", "adapters/files/", "adapters/http/",
                      "adapters/metrics/", "adapters/runtime/", "adapters/cli/"],
    "tests/": ["events/", "engine/", "projections/", "tests/support/"],
    "tests/support/auditor/": [],
    "tests/support/kafka/": ["events/", "engine/", "adapters/kafka/", "tests/support/"],
    "tests/contract/": ["events/", "engine/", "projections/", "adapters/", "tests/support/"],
    "tests/integration/": ["events/", "engine/", "projections/", "adapters/", "tests/support/"],
    "tests/e2e/": ["events/", "engine/", "projections/", "adapters/", "tests/support/"],
    "bench/": ["events/", "engine/", "projections/", "adapters/", "tests/support/", "bench/"],
}
LAYER_HINTS = {
    "events/": "events knows only itself; pass what it needs as a value",
    "engine/": "engine knows events and itself; what both sides need belongs in events/",
    "projections/": "projections knows events and itself; what both sides need belongs in events/",
    "adapters/": "an adapter knows no other one; adapters/runtime puts them together",
    "adapters/runtime/": "what runs knows no technology; ask Installation, or take a port",
    "adapters/cli/": "what is typed knows no technology; ask Installation of adapters/runtime",
    "tests/": "this test links no adapter; use a port of tests/support, or move it to "
              "tests/contract, tests/integration or tests/e2e",
    "tests/support/auditor/": "the auditor shares no code with what it audits; write it anew",
}

# Which rooms may include what we take from others.
REAL_TESTS = ["tests/contract/", "tests/integration/", "tests/e2e/"]
TECHNOLOGIES = [
    (r"sqlite3\.h", ["adapters/sqlite/", "bench/", *REAL_TESTS], "the Log and ReadModel ports"),
    (r"zstd\.h", ["adapters/sqlite/", *REAL_TESTS], "the Log port"),
    (r"librdkafka/", ["adapters/kafka/", "bench/", *REAL_TESTS], "the Log port"),
    (r"(jdbc/|cppconn/|mysql|boost/mysql)", ["adapters/mysql/", "bench/", *REAL_TESTS],
     "the ReadModel port"),
    (r"boost/beast", ["adapters/http/", *REAL_TESTS], "adapters/http/"),
    (r"openssl/", ["adapters/http/"], "a function of adapters/http"),
    (r"boost/asio", ["adapters/", "bench/", *REAL_TESTS], "a port, or adapters/"),
    (r"prometheus/", ["adapters/metrics/", *REAL_TESTS], "values that adapters/metrics tells"),
    (r"spdlog/", ["adapters/"], "a value or an observer that an adapter logs"),
    (r"CLI/", ["adapters/cli/", "bench/"], "plain values that adapters/cli reads"),
    (r"(gtest|gmock|rapidcheck)", ["tests/"], "tests/"),
    (r"benchmark/", ["bench/"], "bench/"),
]
WORLD_HEADERS = {"fstream", "iostream", "filesystem", "thread", "random", "unistd.h", "fcntl.h"}

# file -> rules that it may break, each with its reason beside it.
ALLOWED = {
    "adapters/cli/version.cpp": {"technologies"},  # --version names what pesan is built with
    "events/time_zone.cpp": {"pure_rooms_touch_no_world"},  # the system's zones are files
    "projections/tables.hpp": {"no_throw_in_pure_rooms"},  # consteval: it does not compile
    # Their messages and their snippets name documents that are none.
    "tests/architecture/house_rules.py": {"citations"},
    "tests/architecture/house_rules_test.py": {"citations"},
}

RULES = {}


def rule(check):
    """A rule takes the Tree and yields (path, line number, message)."""
    RULES[check.__name__] = check
    return check


class Tree:
    """The files of a repository: what git knows and does not ignore, or all there is."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(path for path in self._list()
                            if os.path.isfile(os.path.join(root, path)))

    def _list(self):
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=self.root,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if listed.returncode == 0 and os.path.exists(os.path.join(self.root, ".git")):
            return listed.stdout.decode().strip("\0").split("\0")
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in ("build", ".git", "__pycache__")]
            found.extend(os.path.relpath(os.path.join(folder, name), self.root) for name in files)
        return found

    @functools.cache
    def lines(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read().decode("utf-8", "replace").split("\n")

    @functools.cache
    def code(self, path):
        """The lines of a C++ file without comments and without what stands in string literals."""
        return without_comments_and_strings("\n".join(self.lines(path))).split("\n")

    def cpp(self, *rooms):
        return [path for path in self.paths
                if path.endswith((".cpp", ".hpp")) and (not rooms or path.startswith(rooms))]

    def sources(self):
        """What people write by hand and read in full: no data, no prose."""
        return [path for path in self.paths
                if path.endswith((".cpp", ".hpp", ".py", ".sql", ".sh", ".cmake", "CMakeLists.txt"))
                or path in ("dev", ".ci/run", "bench/run", "Dockerfile", "docker-compose.yml")]

    def texts(self):
        """All that people write: sources and prose, no data."""
        return [path for path in self.paths
                if not path.startswith(("tests/fuzz/corpus/", "tests/golden/"))
                and path != "LICENSE"]

    def documents(self):
        """docs/x.md: how things are. Decisions and schemas have folders of their own."""
        return [path for path in self.paths if re.fullmatch(r"docs/[^/]+\.md", path)]

    @functools.cache
    def anchors(self, path):
        """What a link into a document may name: its headings as GitHub spells them, and ids."""
        found, fenced = set(), False
        for line in self.lines(path):
            fenced ^= line.startswith("```")
            heading = None if fenced else re.match(r"#+ +(.*)", line)
            if heading:
                words = re.sub(r"[^\w\- ]", "", heading.group(1).strip().lower())
                found.add(words.replace(" ", "-"))
            found.update(re.findall(r'<a id="([^"]+)">', line))
        return found

    @functools.cache
    def tests(self):
        """Suite.Name of every test."""
        case = r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P)\(\s*(\w+),\s*(\w+)\)"
        return {f"{suite}.{name}" for path in self.cpp("tests/")
                for suite, name in re.findall(case, "\n".join(self.lines(path)))}

    def includes(self, path):
        for number, line in enumerate(self.lines(path), 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if found:
                yield number, found.group(1), found.group(2)

    def find(self, paths, pattern, message, code_only=True):
        for path in paths:
            for number, line in enumerate(self.code(path) if code_only else self.lines(path), 1):
                found = re.search(pattern, line)
                if found:
                    yield path, number, message.format(found.group(0).strip())


@rule
def top_level(tree):
    for name in sorted({path.split("/")[0] for path in tree.paths}):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield name, 1, "the top level is fixed; move it to docs/, examples/, tests/ or a room"


@rule
def layers(tree):
    for path in tree.cpp():
        rooms = [room for room in LAYERS if path.startswith(room)]
        if not rooms:
            continue
        room = max(rooms, key=len)
        own = os.path.dirname(path) + "/" if room in ("tests/", "adapters/") else room
        for number, kind, name in tree.includes(path):
            if kind == '"' and not name.startswith((own, *LAYERS[room])) and "/" in name:
                hint = next((LAYER_HINTS[r] for r in sorted(rooms, key=len, reverse=True)
                             if r in LAYER_HINTS), "see LAYERS in house_rules.py")
                yield path, number, f'"{name}" is not for {room}: {hint}'


@rule
def include_paths(tree):
    for path in tree.cpp():
        for number, kind, name in tree.includes(path):
            house = name.startswith(("events/", "engine/", "projections/", "adapters/", "tests/"))
            if kind == '"' and name != "pesan_version.hpp" and (
                    not house and not name.startswith("bench/") or ".." in name):
                yield path, number, (f'"{name}": write the path from the top, as in '
                                     '"events/ids.hpp"; others\' headers stand in <>')
            if kind == "<" and house:
                yield path, number, f'<{name}> is of this house: write "{name}"'


@rule
def technologies(tree):
    for path in tree.cpp():
        for number, _, name in tree.includes(path):
            for pattern, rooms, instead in TECHNOLOGIES:
                if re.match(pattern, name) and not path.startswith(tuple(rooms)):
                    yield path, number, f"<{name}> is only for {', '.join(rooms)}: use {instead}"


@rule
def pure_rooms_touch_no_world(tree):
    for path in tree.cpp(*PURE_ROOMS):
        for number, _, name in tree.includes(path):
            if name in WORLD_HEADERS:
                yield path, number, f"<{name}> belongs to adapters/: go through a port"
    yield from tree.find(
        tree.cpp(*PURE_ROOMS), r"\w*_clock::now\b|\brandom_device\b|\bgetenv\b|\btime\(nullptr\)",
        "{}: time, randomness and settings come in as data; take a parameter")


@rule
def no_throw_in_pure_rooms(tree):
    yield from tree.find(tree.cpp(*PURE_ROOMS), r"\bthrow\b(?! Bug\b)",
                         "{}: return a Rejection or std::expected<T, Failure>; throw only a Bug")


@rule
def printing_is_for_the_cli(tree):
    paths = [path for path in tree.cpp(*PRODUCT_ROOMS) if not path.startswith("adapters/cli/")]
    yield from tree.find(
        paths, r"\bstd::(cout|cerr|clog)\b|\b[fv]{0,2}printf\s*\(|\bf?puts\s*\(|\b(fmt|std)::print",
        "{}: return the value; adapters/cli prints, adapters log with spdlog")


@rule
def header_opens_with_its_purpose(tree):
    for path in tree.cpp():
        if not path.endswith(".hpp"):
            continue
        lines = tree.lines(path)
        if not re.match(r"// \S", lines[0]):
            yield path, 1, "open with a comment: what it owns, what it does not, the thread rule"
        code = [(number, line) for number, line in enumerate(lines, 1)
                if line.strip() and not line.startswith("//")]
        if not code or code[0][1].strip() != "#pragma once":
            yield path, code[0][0] if code else 1, "#pragma once comes first after the purpose"


@rule
def columns(tree):
    for path in tree.sources():
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > MAX_COLUMNS:
                yield path, number, f"{len(line)} columns: break the line at {MAX_COLUMNS}"


@rule
def blanks(tree):
    yield from tree.find(tree.sources(), r"\t", "a tab: indent with spaces", code_only=False)
    yield from tree.find(tree.sources(), r"[ \r]+$", "white space ends the line: remove it",
                         code_only=False)


@rule
def file_length(tree):
    for path in tree.sources() + tree.documents():
        limit = (MAX_TEST_LINES if path.startswith("tests/") else
                 MAX_DOCUMENT_LINES if path.endswith(".md") else MAX_LINES)
        length = len(tree.lines(path)) - 1
        if length > limit:
            yield path, limit + 1, f"{length} lines, more than {limit}: make it two files"


@rule
def file_names(tree):
    for path in tree.paths:
        name = os.path.basename(path)
        if name.endswith((".cpp", ".hpp", ".py")) and not re.fullmatch(r"[a-z0-9_]+\.\w+", name):
            yield path, 1, "file names are snake_case"


@rule
def nothing_left_to_do(tree):
    words = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))
    yield from tree.find(tree.sources(), rf"\b({words})\b",
                         "{}: do it now, or open an issue", code_only=False)


def cited(tree, path):
    """(line number, file, anchor or "") of each citation: docs/x.md#anchor, and links of prose."""
    prose = path.endswith(".md")
    for number, line in enumerate(tree.lines(path), 1):
        for found in re.finditer(r"(?<![\w/.-])(docs/[\w./-]+\.md)(?:#([\w-]+))?", line):
            if not (prose and line[:found.start()].endswith("](")):
                yield number, found.group(1), found.group(2) or ""
        for found in re.finditer(r"\]\(([^)#\s:]*)(?:#([\w-]+))?\)", line if prose else ""):
            target = os.path.normpath(os.path.join(os.path.dirname(path), found.group(1)))
            yield number, target if found.group(1) else path, found.group(2) or ""


@rule
def citations(tree):
    prose = [path for path in tree.paths if path.endswith(".md")]
    for path in tree.sources() + prose:
        for number, file, anchor in cited(tree, path):
            if file not in tree.paths and not any(p.startswith(file + "/") for p in tree.paths):
                yield path, number, f"there is no {file}: cite what is there"
            elif anchor and anchor not in tree.anchors(file):
                yield path, number, (f"{file} has no heading #{anchor}: cite one that is there, "
                                     "as GitHub spells it")


@rule
def no_lost_document(tree):
    yield from tree.find(tree.texts(), r"\b" + "DES" + "IGN" + r"\b",
                         "{} is in no clone: cite docs/x.md#anchor", code_only=False)


@rule
def named_tests(tree):
    for path in tree.documents():
        for number, line in enumerate(tree.lines(path), 1):
            for name in re.findall(r"`([A-Z]\w*\.[A-Za-z]\w*)`", line):
                if name not in tree.tests():
                    yield path, number, f"there is no test {name}: name one that proves it"


@rule
def test_names_are_sentences_in_one_spelling(tree):
    case = r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P)\(\s*\w+,\s*(\w+)\)"
    for path in tree.cpp("tests/"):
        text = "\n".join(tree.lines(path))
        for found in re.finditer(case, text):
            name = found.group(1)
            if "_" in name or not name[0].isupper():
                yield (path, text.count("\n", 0, found.start()) + 1,
                       f"{name}: write a test's name as OneSentenceLikeThis")


@rule
def no_machine_paths(tree):
    yield from tree.find(tree.texts(), r"(?<![\w.~$}/-])/(work|root|home)/",
                         "{} is a folder of one machine: take a path relative to the repository",
                         code_only=False)


def broken(root):
    """Every breach in a folder as (path, line, rule, message)."""
    tree = Tree(root)
    found = [(path, number, name, message)
             for name, check in RULES.items() for path, number, message in check(tree)]
    needed = {(path, name) for path, _, name, _ in found}
    stale = [(path, 1, name, "is allowed in house_rules.py and not broken: take the allowance out")
             for path, names in ALLOWED.items() for name in names
             if path in tree.paths and (path, name) not in needed]
    return [breach for breach in found if breach[2] not in ALLOWED.get(breach[0], ())] + stale


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(here))
    breaches = broken(root)
    for path, number, name, message in breaches:
        print(f"{path}:{number}: [{name}] {message}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
