// The RowReader port: short reads of the rows as they are, for callers who want one row or a page
// of them and not a state of everything (that is ReadModel's snapshot). A page is asked for by an
// access path, so an index serves it, and the next one by where it ended, never by an offset. What
// a page says is one state; between two pages rows move on. An adapter's reader belongs to one
// thread; RowReaderPool has several for any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "projections/access_paths.hpp"
#include "projections/read_model.hpp"
#include "projections/row_change.hpp"
#include "projections/value.hpp"

namespace pesan {

/// A value and a row that own their texts.
using OwnedValue = std::variant<std::monostate, std::int64_t, std::string>;
using OwnedRow = std::vector<OwnedValue>;

OwnedValue owned(const StoredValue& value);
OwnedRow owned(const StoredRow& row);
StoredValue viewed(const OwnedValue& value);
StoredRow viewed(const OwnedRow& row);

inline constexpr std::size_t most_rows_a_page = 500;

/// Values are of their column's type, and as many as the path has. Texts are borrowed.
struct PageQuestion {
  Path path = Path::bookings;
  std::vector<Value> equal{};    // what the path's first columns are
  std::optional<Value> from{};   // of the first column of its order: this or more
  std::optional<Value> until{};  // less than this
  std::string after{};           // `next` of the page before; empty: the first page
  std::size_t limit = 50;        // 1 to most_rows_a_page
};

struct Page {
  std::vector<OwnedRow> rows;  // a value a column of the table, generated ones among them
  std::string next;            // empty: there is no more. Of letters, digits and -._~
};

/// Where the texts that begin with this one end: for `until`, beside it as `from`.
std::string end_of_prefix(std::string_view prefix);

/// What `next` of a page says that ends with this row of the path's table.
std::string cursor_behind(Path path, const OwnedRow& row);

class RowReader {
 public:
  RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;
  virtual ~RowReader() = default;

  /// By its whole key.
  virtual Fallible<std::optional<OwnedRow>> find(Table table, const RowKey& key) = 0;
  /// `usage`: `after` is none of this path's, or a text of the question is not UTF-8.
  virtual Fallible<Page> page(const PageQuestion& question) = 0;
  /// How far the rows are; of all topics, ordered by topic and partition. What is read afterwards
  /// is at least as far.
  virtual Fallible<std::vector<Checkpoint>> positions() = 0;
};

}  // namespace pesan
