// What the end-to-end tests share around the program: its files in a folder of their own, what
// stands in them (read past the program, straight from SQLite), commands as lines, and waiting for
// a running program. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::e2e {

using Row = boost::json::object;

/// Rows of a query, columns by name; a blob is taken for text. Of a log every record is a row.
std::vector<Row> rows_of(const std::string& path, const std::string& query);
/// The one number that a query gives; 0 where the file, the table or the row is not there.
std::int64_t number_of(const std::string& path, const std::string& query);
/// Writes past the program, as no one should.
void change_file(const std::string& path, const std::string& statement);
/// Every table of the read models with its checkpoints, a text a row: to be compared as a whole.
std::map<std::string, std::vector<std::string>> all_rows(const std::string& store);

/// A log and its read models in a folder of their own.
struct Files {
  TempFolder folder = {};
  std::string log = folder / "log.db";
  std::string store = folder / "read.db";

  /// These words, then where the log and the read models are.
  Arguments on(const Arguments& words) const;
  /// Only where the log is.
  Arguments on_log(const Arguments& words) const;
};

/// A command as a line: `data` are its members behind resource and actor.
struct Line {
  std::string id;
  std::string type;
  std::string resource;
  std::string data = "";
  std::string actor = R"({"type":"admin","id":"a-1"})";
  std::string time = "";
  std::string text() const;
};

/// `accepted`, `nothing` or the code, `duplicate ` before it.
std::string word_of(const boost::json::object& result);
std::string word_of(std::string_view result);
std::vector<std::string> words_of(const std::vector<std::string>& results);

std::vector<std::string> lines_of(std::string_view text);
std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view text);

/// Line `index` (from 0) of what a running program has printed; nothing after `patience`.
std::optional<std::string> line_of(Program& program, std::size_t index,
                                   std::chrono::seconds patience = std::chrono::seconds{60});
/// Whether it ends by itself in time.
bool ends(Program& program, std::chrono::seconds patience = std::chrono::seconds{60});

}  // namespace pesan::e2e
