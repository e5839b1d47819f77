// Row changes as data, and their composition: two changes of one row merge into one, so a batch of
// a thousand events becomes one change a row and nobody reads before writing. The algebra is total
// over what folds can say; what they cannot (a row inserted twice) is a bug that names the row. A
// batch owns its texts. One thread.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "projections/arena.hpp"
#include "projections/tables.hpp"
#include "projections/value.hpp"

namespace pesan {

/// The key of a row: one value a key column. Texts are borrowed.
struct RowKey {
  std::array<Value, 2> parts{};
  std::size_t size = 0;

  template <std::convertible_to<Value> T>
  RowKey(const T& first) : parts{Value(first)}, size(1) {}
  RowKey(Value first, Value second) : parts{first, second}, size(2) {}
};

/// What is to be done with one row. Cells are indexed by column; the key columns come first and
/// always hold the key.
enum class ChangeKind : std::uint8_t {
  none,    // nothing: inserted and deleted again within the batch
  insert,  // the row must not be there; columns not given are null
  update,  // the row must be there: set some columns, add to others
  upsert,  // update, or, where there is no row, insert: what is added is added to 0. Every upsert
           // of a table adds to the same columns, if only 0; others would be null in a new row
  erase,   // the row must be there
};

struct RowChange {
  ChangeKind kind = ChangeKind::none;
  std::uint64_t hash = 0;  // of the key
  Value* cells = nullptr;
};

/// Keeps changes of some tables and of some rows only, so that a fold of a long log fits memory:
/// row keys are dealt by hash into `ranges` heaps, and heap `range` is kept; or only rows whose
/// first key column is in [from, until).
struct RowFilter {
  TableSet tables = TableSet::all();
  std::uint32_t range = 0;
  std::uint32_t ranges = 1;
  std::string from{};
  std::optional<std::string> until{};
};

class RowChanges {
 public:
  /// Where a fold writes what becomes of one row. Valid until the next call on the batch.
  class Row {
   public:
    /// The column becomes `value`. Its text is copied.
    Row& set(ColumnIndex column, const Value& value) {
      if (cells_ != nullptr) cells_[column.value] = batch_->kept(value);
      return *this;
    }
    /// The column grows by `delta`; null stays null.
    Row& add(ColumnIndex column, std::int64_t delta);

   private:
    friend class RowChanges;
    Row(RowChanges* batch, Value* cells) : batch_(batch), cells_(cells) {}
    RowChanges* batch_;
    Value* cells_;  // null when the filter drops the row
  };

  RowChanges() = default;
  explicit RowChanges(const RowFilter& filter) : filter_(filter) {}

  Row insert(Table table, const RowKey& key);
  Row update(Table table, const RowKey& key);
  Row upsert(Table table, const RowKey& key);
  void erase(Table table, const RowKey& key);

  /// As if every change of `later` had been made here, after what is here.
  void merge(const RowChanges& later);
  void clear();

  /// In the order in which rows were first touched; `none` among them.
  std::span<const RowChange> of(Table table) const { return store(table).changes; }
  /// Null where the row was not touched (or the filter dropped it).
  const RowChange* find(Table table, const RowKey& key) const;
  /// The same as `of`, in the order of keys, without `none`.
  std::vector<const RowChange*> in_key_order(Table table) const;
  /// Rows touched, over all tables.
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  bool wants(Table table) const { return filter_.tables.has(table); }
  bool wants(std::uint64_t hash) const {
    return filter_.ranges == 1 || (hash >> 32) % filter_.ranges == filter_.range;
  }
  bool wants(const RowKey& key) const {
    const std::string_view first = key.parts[0].text();  // a text in every table
    return first >= filter_.from && (!filter_.until || first < *filter_.until);
  }
  /// What its rows take, roughly, with room to put them in the order of their keys.
  std::size_t bytes() const;

 private:
  struct Store {
    std::vector<RowChange> changes;
    std::vector<std::uint32_t> slots;  // index into changes + 1; 0 = free; linear probing
  };

  Store& store(Table table) { return stores_[static_cast<std::size_t>(table)]; }
  const Store& store(Table table) const { return stores_[static_cast<std::size_t>(table)]; }
  RowChange* find_or_add(Table table, const RowKey& key);
  static void grow(Store& store);
  /// The same value, its text in the arena.
  Value kept(const Value& value) {
    if (value.owns_nothing()) return value;
    Value copy = value;
    copy.move_text(arena_.copy(value.text()));
    return copy;
  }

  RowFilter filter_;
  std::array<Store, table_count> stores_;
  Arena arena_;
};

std::uint64_t hash_of(const RowKey& key);
RowKey key_of(Table table, const RowChange& change);
/// For messages: `booking_history villa.1, 3`.
std::string to_string(Table table, const RowKey& key);

/// Which columns an update or upsert sets and which it adds to, one bit each (keys not among them):
/// equal shapes are the same statement in a store.
struct ChangeShape {
  std::uint64_t set = 0;
  std::uint64_t add = 0;
  bool operator==(const ChangeShape&) const = default;
};
ChangeShape shape_of(Table table, const RowChange& change);

/// The value that a cell of an inserted (or newly upserted) row has.
inline Value inserted_value(const Value& cell) {
  if (cell.kind() == Value::Kind::absent) return Value::null();
  if (cell.kind() == Value::Kind::add) return Value(cell.number());
  return cell;
}

}  // namespace pesan
