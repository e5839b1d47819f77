// RowChanges::in_key_order. Keys of many rows begin alike (`villa-deluxe.1234`), so they are told
// apart by the sixteen bytes after what all of them share; only ties look at the rest.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "projections/row_change.hpp"

namespace pesan {
namespace {

struct Entry {
  std::uint64_t
      high;  // bytes of the first key column, big-endian, so that their order is its order
  std::uint64_t low;
  const RowChange* change;
};

std::uint64_t eight_bytes(std::string_view text, std::size_t from) {
  std::uint64_t bytes = 0;
  for (std::size_t i = from; i < from + 8; ++i) {
    bytes = bytes << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return bytes;
}

/// How many bytes all first key columns begin with alike. They are texts in every table.
std::size_t shared_prefix(const std::vector<const RowChange*>& rows) {
  if (rows.empty()) return 0;
  std::string_view shared = rows.front()->cells[0].text();
  for (const RowChange* row : rows) {
    const std::string_view text = row->cells[0].text();
    const auto end = std::mismatch(shared.begin(), shared.end(), text.begin(), text.end()).first;
    shared = shared.substr(0, static_cast<std::size_t>(end - shared.begin()));
  }
  return shared.size();
}

}  // namespace

std::vector<const RowChange*> RowChanges::in_key_order(Table table) const {
  std::vector<const RowChange*> order;
  order.reserve(of(table).size());
  for (const RowChange& change : of(table)) {
    if (change.kind != ChangeKind::none) order.push_back(&change);
  }
  const std::size_t prefix = shared_prefix(order);
  std::vector<Entry> entries;
  entries.reserve(order.size());
  for (const RowChange* change : order) {
    const std::string_view text = change->cells[0].text();
    entries.push_back({eight_bytes(text, prefix), eight_bytes(text, prefix + 8), change});
  }
  const std::size_t keys = describe(table).key_columns;
  std::sort(entries.begin(), entries.end(), [keys](const Entry& a, const Entry& b) {
    if (a.high != b.high) return a.high < b.high;
    if (a.low != b.low) return a.low < b.low;
    const Value* left = a.change->cells;
    const Value* right = b.change->cells;
    return std::lexicographical_compare(left, left + keys, right, right + keys);
  });
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = entries[i].change;
  return order;
}

}  // namespace pesan
