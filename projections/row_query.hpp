// What the adapters of RowReader share: a question about a page made ready to be carried out, its
// cursor resolved; the SQL for it; and the answer made of the rows that were found. How values get
// into a statement is each store's own affair. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "projections/row_reader.hpp"

namespace pesan {

struct RowQuery {
  const AccessPath* path = nullptr;
  std::vector<Value> equal{};
  std::vector<Value> behind{};   // rows behind these values of the order's columns; or from …
  std::optional<Value> from{};   // … this one of the first
  std::optional<Value> until{};  // less than this one
  std::size_t limit = 0;
};

/// Asks for one row more than the page has, and so knows whether there is another page.
Fallible<Page> answer(const PageQuestion& question,
                      const std::function<Fallible<std::vector<OwnedRow>>(const RowQuery&)>& read);

/// Whether a value that is not null may stand in the column.
bool is_of_type(const Value& value, ColumnType type);

/// How a store finds what is behind a row by an index of several columns.
enum class Behind : std::uint8_t {
  row_values,    // (a, b) > (x, y)
  alternatives,  // a > x OR a = x AND b > y
};
/// The dialect of a store. `place` is called for each value in the order of the statement, and
/// gives what stands for it; `go_by` is what stands behind the table's name to hold its planner to
/// the path, whatever its statistics say.
struct QueryDialect {
  Behind behind = Behind::row_values;
  std::function<std::string(const Value&)> place;
  std::function<std::string(const AccessPath&)> go_by;
};
std::string page_sql(const RowQuery& query, const QueryDialect& dialect);
/// False where a text of it is none that a store could hold: nobody has to be asked.
bool may_be_there(const RowKey& key);
std::string find_sql(Table table, const RowKey& key,
                     const std::function<std::string(const Value&)>& place);

}  // namespace pesan
