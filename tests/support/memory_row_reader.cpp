#include "tests/support/memory_row_reader.hpp"

#include <algorithm>
#include <string>

#include "projections/row_query.hpp"

namespace pesan {
namespace {

OwnedValue owned(const Value& value) {
  std::string buffer;
  return pesan::owned(value.stored(buffer));
}

OwnedRow values(const AccessPath& path, const OwnedRow& row) {
  OwnedRow result;
  for (const ColumnIndex place : path.order()) result.push_back(row[place.value]);
  return result;
}

bool is_asked_for(const RowQuery& query, const OwnedRow& row) {
  const AccessPath& path = *query.path;
  for (std::size_t i = 0; i < path.equal; ++i) {
    if (row[path.equals()[i].value] != owned(query.equal[i])) return false;
  }
  const OwnedRow order = values(path, row);
  OwnedRow behind;
  for (const Value& value : query.behind) behind.push_back(owned(value));
  return order[0] != OwnedValue() && (behind.empty() || order > behind) &&
         (!query.from || order[0] >= owned(*query.from)) &&
         (!query.until || order[0] < owned(*query.until));
}

}  // namespace

Fallible<std::optional<OwnedRow>> MemoryRowReader::find(Table table, const RowKey& key) {
  OwnedRow whole;
  for (std::size_t i = 0; i < key.size; ++i) whole.push_back(owned(key.parts[i]));
  const auto& rows = model_.rows(table);
  const auto found = rows.find(whole);
  return found == rows.end() ? std::nullopt : std::optional(found->second);
}

Fallible<Page> MemoryRowReader::page(const PageQuestion& question) {
  return answer(question, [this](const RowQuery& query) -> Fallible<std::vector<OwnedRow>> {
    std::vector<OwnedRow> found;
    for (const auto& [key, row] : model_.rows(query.path->table)) {
      if (is_asked_for(query, row)) found.push_back(row);
    }
    std::ranges::sort(found, {}, [&](const OwnedRow& row) { return values(*query.path, row); });
    if (found.size() > query.limit) found.resize(query.limit);
    return found;
  });
}

Fallible<std::vector<Checkpoint>> MemoryRowReader::positions() {
  return (*model_.snapshot())->checkpoints();
}

}  // namespace pesan
