#!/usr/bin/env python3
"""Shows of each house rule that it can fail: a bad snippet in an empty folder must be found at its
file and line, by that rule and no other, and a good one beside it must not."""

import os
import tempfile
import unittest
from unittest import mock

from house_rules import ALLOWED, RULES, broken

HEADER = "// What it owns, and what it does not. For any thread.\n#pragma once\n"
LONG = "int x;\n"
MARK = "TO" + "DO"
MACHINE = "/" + "home" + "/someone/x"
LOST = "DES" + "IGN"

# (rule, file, text, line of the breach)
BREACHES = [
    ("top_level", "helpers/x.txt", "x\n", None),
    ("layers", "events/a.cpp", '\n#include "engine/decide.hpp"\n', 2),
    ("layers", "engine/a.cpp", '#include "projections/fold.hpp"\n', 1),
    ("layers", "projections/a.cpp", '#include "engine/decide.hpp"\n', 1),
    ("layers", "engine/a.cpp", '#include "adapters/sqlite/sqlite_log.hpp"\n', 1),
    ("layers", "engine/a.cpp", '#include "tests/support/x.hpp"\n', 1),
    ("layers", "adapters/sqlite/a.cpp", '#include "adapters/cli/table.hpp"\n', 1),
    ("layers", "adapters/runtime/a.cpp", '#include "adapters/cli/table.hpp"\n', 1),
    ("layers", "adapters/runtime/a.cpp", '#include "adapters/sqlite/sqlite_log.hpp"\n', 1),
    ("layers", "adapters/runtime/a.cpp", '#include "adapters/http/server.hpp"\n', 1),
    ("layers", "adapters/runtime/installation.cpp", '#include "adapters/cli/table.hpp"\n', 1),
    ("layers", "adapters/runtime/installation.hpp",
     HEADER + '#include "adapters/kafka/place.hpp"\n', 3),
    ("layers", "adapters/http/v1/a.cpp", '#include "adapters/runtime/desk.hpp"\n', 1),
    ("layers", "adapters/http/v1/a.cpp", '#include "engine/decide.hpp"\n', 1),
    ("layers", "adapters/cli/a.cpp", '#include "adapters/kafka/kafka_log.hpp"\n', 1),
    ("layers", "adapters/cli/a.cpp", '#include "tests/support/x.hpp"\n', 1),
    ("layers", "engine/a.cpp", '#include "adapters/metrics/metrics.hpp"\n', 1),
    ("layers", "projections/a.cpp", '#include "adapters/metrics/lag.hpp"\n', 1),
    ("layers", "adapters/metrics/a.cpp", '#include "adapters/kafka/client.hpp"\n', 1),
    ("layers", "adapters/kafka/a.cpp", '#include "adapters/metrics/metrics.hpp"\n', 1),
    ("layers", "tests/unit/a.cpp", '#include "adapters/sqlite/sqlite_log.hpp"\n', 1),
    ("layers", "tests/simulation/a.cpp", '#include "adapters/sqlite/sqlite_log.hpp"\n', 1),
    ("layers", "tests/support/a.cpp", '#include "adapters/sqlite/sqlite_log.hpp"\n', 1),
    ("layers", "tests/support/auditor/a.cpp", '#include "events/ids.hpp"\n', 1),
    ("include_paths", "events/a.cpp", '#include "ids.hpp"\n', 1),
    ("include_paths", "events/a.cpp", '#include "events/../events/ids.hpp"\n', 1),
    ("include_paths", "events/a.cpp", "#include <events/ids.hpp>\n", 1),
    ("technologies", "engine/a.cpp", "#include <boost/asio.hpp>\n", 1),
    ("technologies", "engine/a.cpp", "#include <boost/beast/http.hpp>\n", 1),
    ("technologies", "projections/a.cpp", "#include <spdlog/spdlog.h>\n", 1),
    ("technologies", "adapters/cli/a.cpp", "#include <sqlite3.h>\n", 1),
    ("technologies", "adapters/kafka/a.cpp", "#include <zstd.h>\n", 1),
    ("technologies", "adapters/cli/a.cpp", "#include <openssl/evp.h>\n", 1),
    ("technologies", "adapters/sqlite/a.cpp", "#include <librdkafka/rdkafka.h>\n", 1),
    ("technologies", "adapters/sqlite/a.cpp", "#include <mysql/jdbc.h>\n", 1),
    ("technologies", "adapters/sqlite/a.cpp", "#include <CLI/CLI.hpp>\n", 1),
    ("technologies", "adapters/runtime/a.cpp", "#include <CLI/App.hpp>\n", 1),
    ("technologies", "adapters/runtime/installation.cpp", "#include <sqlite3.h>\n", 1),
    ("technologies", "tests/unit/a.cpp", "#include <sqlite3.h>\n", 1),
    ("technologies", "tests/simulation/a.cpp", "#include <librdkafka/rdkafka.h>\n", 1),
    ("technologies", "engine/a.cpp", "#include <prometheus/counter.h>\n", 1),
    ("technologies", "projections/a.cpp", "#include <prometheus/registry.h>\n", 1),
    ("technologies", "adapters/cli/a.cpp", "#include <prometheus/registry.h>\n", 1),
    ("technologies", "engine/a.cpp", "#include <gtest/gtest.h>\n", 1),
    ("technologies", "tests/unit/a.cpp", "#include <benchmark/benchmark.h>\n", 1),
    ("pure_rooms_touch_no_world", "events/a.cpp", "#include <fstream>\n", 1),
    ("pure_rooms_touch_no_world", "engine/a.cpp", "\nauto t = steady_clock::now();\n", 2),
    ("pure_rooms_touch_no_world", "projections/a.cpp", "std::random_device random;\n", 1),
    ("no_throw_in_pure_rooms", "engine/a.cpp", "void f() {\n  throw 1;\n}\n", 2),
    ("printing_is_for_the_cli", "engine/a.cpp", "\n\nvoid f() { std::cout << 1; }\n", 3),
    ("printing_is_for_the_cli", "adapters/runtime/a.cpp", 'void f() { fmt::print("x"); }\n', 1),
    ("printing_is_for_the_cli", "adapters/sqlite/a.cpp", 'void f() { std::printf("x"); }\n', 1),
    ("header_opens_with_its_purpose", "events/a.hpp", "#pragma once\n", 1),
    ("header_opens_with_its_purpose", "events/a.hpp", "// Owns.\nint x;\n#pragma once\n", 2),
    ("columns", "events/a.cpp", "\n// " + "x" * 98 + "\n", 2),
    ("columns", "sql/tables/a.sql", "-- " + "x" * 98 + "\n", 1),
    ("blanks", "events/a.cpp", "int x;\n\tint y;\n", 2),
    ("blanks", "events/a.cpp", "int x; \n", 1),
    ("file_length", "events/a.cpp", LONG * 401, 401),
    ("file_length", "tests/unit/a.cpp", LONG * 501, 501),
    ("file_names", "events/RoomType.cpp", "int x;\n", 1),
    ("nothing_left_to_do", "events/a.cpp", f"int x;  // {MARK}: y\n", 1),
    ("file_length", "docs/a.md", "x\n" * 301, 301),
    ("citations", "events/a.cpp", "// The rule of docs/gone.md.\n", 1),
    ("citations", "events/a.cpp", "int x;\n// See docs/gone.md#rule.\n", 2),
    ("citations", "docs/a.md", "# A\n\nsee [b](#b) and [a](#a)\n", 3),
    ("citations", "docs/a.md", "# A\n```\n# B\n```\n[b](a.md#b)\n", 5),
    ("citations", "README.md", "\n[rules](docs/gone.md)\n", 2),
    ("citations", "README.md", "see `docs/gone.md#x`\n", 1),
    ("no_lost_document", "events/a.cpp", f"// {LOST} 3.2\n", 1),
    ("no_lost_document", "docs/a.md", f"as {LOST}'s words\n", 1),
    ("named_tests", "docs/a.md", "proof: `Engine.NeverErrs`\n", 1),
    ("test_names_are_sentences_in_one_spelling", "tests/unit/a_test.cpp",
     "\nTEST_F(Engine,\n       never_errs) {}\n", 2),
    ("no_machine_paths", "docs/a.md", f"\nsee {MACHINE}\n", 2),
    ("no_machine_paths", "events/a.cpp", f'const char* x = "{MACHINE}";\n', 1),
]

CLEAN = {
    "README.md": "see https://example.org/home/x and ~/work/x\n" + "x" * 200 + "\n",
    ".editorconfig": "root = true\n",
    "docs/rules.md": "# Rules\n\n## Who may: `all`?\n\n<a id=\"old\"></a>\n"
                     "`Decide.TwiceIsOnce`, [b](adr/1.md#a), [c](#who-may-all), [d](../sql)\n",
    "docs/adr/1.md": "# A\n" + "x\n" * 400,
    "events/cites.cpp": "// docs/rules.md#who-may-all, docs/rules.md#old; docs/rules.md.\n",
    "tests/unit/twice_test.cpp": "TEST(Decide,\n     TwiceIsOnce) {}\n",
    "events/ids.hpp": HEADER + "#include <map>\n",
    "events/ids.cpp": '#include "events/ids.hpp"\n\n#include <boost/json.hpp>\n',
    "events/words.cpp": '// We throw nothing to std::cout, nor use steady_clock::now.\n'
                        'const char* x = "throw printf(\\"x\\")";\n'
                        'auto y = R"(std::cout << throw)";\nint z = 1\'000\'000;  // it\'s throw\n',
    "events/long_enough.cpp": LONG * 400,
    "engine/decide.cpp": '#include "engine/decide.hpp"\n\n#include "events/ids.hpp"\n'
                         'void f() { throw Bug("a log that cannot be"); }\n',
    "projections/room.cpp": '#include "events/ids.hpp"\n#include "projections/room.hpp"\n',
    "adapters/sqlite/log.cpp": '#include "adapters/sqlite/log.hpp"\n\n#include <sqlite3.h>\n'
                               'void f() { throw 1; }\n',
    "adapters/runtime/installation.cpp": '#include "adapters/sqlite/log.hpp"\n',
    "adapters/runtime/role.cpp": '#include "adapters/metrics/metrics.hpp"\n',
    "adapters/cli/main.cpp": '#include "adapters/runtime/roles.hpp"\n#include "pesan_version.hpp"\n'
                             'void f() { std::cout << std::chrono::steady_clock::now(); }\n',
    "adapters/metrics/metrics.cpp": '#include "adapters/metrics/metrics.hpp"\n\n'
                                    '#include <prometheus/counter.h>\n'
                                    '#include "engine/answered.hpp"\n',
    "tests/unit/decide_test.cpp": '#include <gtest/gtest.h>\n\n#include "engine/decide.hpp"\n'
                                  '#include "tests/support/given_when_then.hpp"\n',
    "tests/support/auditor/auditor.cpp": '#include "tests/support/auditor/auditor.hpp"\n',
    "tests/contract/log_test.cpp": '#include <sqlite3.h>\n\n#include "adapters/sqlite/log.hpp"\n',
    "tests/long_enough.cpp": LONG * 500,
    "bench/apply.cpp": '#include <benchmark/benchmark.h>\n#include "adapters/sqlite/log.hpp"\n'
                       'void f() { std::printf("x"); }\n',
    "sql/procedures/CreateBooking.sql": "-- one\n",
}


def breaches_of(files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        return broken(folder)


class HouseRules(unittest.TestCase):
    def test_each_rule_finds_its_breaches_at_their_lines_and_no_other_rule_does(self):
        for name, path, text, line in BREACHES:
            with self.subTest(rule=name, path=path, text=text[:60]):
                found = [(rule, number) for _, number, rule, _ in breaches_of({path: text})]
                self.assertEqual(found, [(name, line or 1)])

    def test_every_rule_is_shown_to_fail(self):
        self.assertEqual({name for name, *_ in BREACHES}, set(RULES))

    def test_a_clean_house_breaks_none(self):
        self.assertEqual(breaches_of(CLEAN), [])

    def test_an_allowance_that_nobody_needs_is_a_breach(self):
        files = {"events/a.cpp": "int x;\n"}
        with mock.patch.dict(ALLOWED, {"events/a.cpp": {"columns"}}):
            self.assertEqual([rule for _, _, rule, _ in breaches_of(files)], ["columns"])
            files["events/a.cpp"] = "// " + "x" * 98 + "\n"
            self.assertEqual(breaches_of(files), [])


if __name__ == "__main__":
    unittest.main()
