#include "projections/row_renderer.hpp"

#include "events/assert.hpp"

namespace pesan {

StoredValue generated_value(const TableDescription& table, const Generated& generated,
                            std::span<const StoredValue> row) {
  const StoredValue& left = row[table.index_of(generated.left)];
  switch (generated.how) {
    case Generated::How::no: break;
    case Generated::How::is_present:
      return std::int64_t{!std::holds_alternative<std::monostate>(left)};
    case Generated::How::difference: {
      const auto* minuend = std::get_if<std::int64_t>(&left);
      const auto* subtrahend = std::get_if<std::int64_t>(&row[table.index_of(generated.right)]);
      if (minuend == nullptr || subtrahend == nullptr) return std::monostate{};
      return *minuend - *subtrahend;
    }
  }
  PESAN_ASSERT(false, "no generated column");
  return std::monostate{};
}

const StoredRow& RowRenderer::render(Table table, const RowChange& change) {
  PESAN_ASSERT(change.kind == ChangeKind::insert || change.kind == ChangeKind::upsert,
               "only a fold from the beginning makes whole rows: " +
                   to_string(table, key_of(table, change)));
  const TableDescription& description = describe(table);
  row_.assign(description.width(), StoredValue{});
  for (std::size_t i = 0; i < description.width(); ++i) {
    if (description.columns[i].is_generated()) continue;
    row_[i] = inserted_value(change.cells[i]).stored(buffers_[i]);
  }
  for (std::size_t i = 0; i < description.width(); ++i) {
    const Column& column = description.columns[i];
    if (column.is_generated()) row_[i] = generated_value(description, column.generated, row_);
  }
  return row_;
}

}  // namespace pesan
