#include "projections/row_change.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

#include "events/assert.hpp"

namespace pesan {
namespace {

constexpr std::uint64_t mix(std::uint64_t x) {  // the finaliser of MurmurHash3
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

bool same_key(const Value* cells, const RowKey& key) {
  for (std::size_t i = 0; i < key.size; ++i) {
    if (cells[i] != key.parts[i]) return false;
  }
  return true;
}

[[noreturn]] void impossible(Table table, const RowKey& key, const char* what) {
  throw Bug("a fold " + std::string(what) + ": " + to_string(table, key));
}

/// Adding to a cell of a change, whatever stands there.
Value added(const Value& cell, std::int64_t delta) {
  switch (cell.kind()) {
    case Value::Kind::absent: return Value::addition(delta);
    case Value::Kind::add: return Value::addition(cell.number() + delta);
    case Value::Kind::integer: return Value(cell.number() + delta);
    case Value::Kind::null: return cell;
    default: break;
  }
  PESAN_ASSERT(false, "a fold adds to a column that is no number");
  return cell;
}

}  // namespace

std::uint64_t hash_of(const RowKey& key) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
  for (std::size_t i = 0; i < key.size; ++i) {
    const Value& part = key.parts[i];
    const std::uint64_t own = part.kind() == Value::Kind::text
                                  ? std::hash<std::string_view>{}(part.text())
                                  : mix(static_cast<std::uint64_t>(part.number()) + 1);
    hash = mix(hash ^ own);
  }
  return hash;
}

RowKey key_of(Table table, const RowChange& change) {
  if (describe(table).key_columns == 1) return RowKey(change.cells[0]);
  return RowKey(change.cells[0], change.cells[1]);
}

std::string to_string(Table table, const RowKey& key) {
  std::string out(name_of(table));
  std::string buffer;
  for (std::size_t i = 0; i < key.size; ++i) {
    out += i == 0 ? " " : ", ";
    out += to_string(key.parts[i].stored(buffer));
  }
  return out;
}

RowChanges::Row& RowChanges::Row::add(ColumnIndex column, std::int64_t delta) {
  if (cells_ != nullptr) cells_[column.value] = added(cells_[column.value], delta);
  return *this;
}

RowChanges::Row RowChanges::insert(Table table, const RowKey& key) {
  RowChange* change = find_or_add(table, key);
  if (change == nullptr) return {this, nullptr};
  switch (change->kind) {
    case ChangeKind::none: change->kind = ChangeKind::insert; break;
    // The old row is there and goes: every column of it is replaced.
    case ChangeKind::erase: change->kind = ChangeKind::update; break;
    case ChangeKind::insert:
    case ChangeKind::update:
    case ChangeKind::upsert: impossible(table, key, "inserts a row that is there");
  }
  const auto& description = describe(table);
  for (std::size_t i = description.key_columns; i < description.width(); ++i) {
    if (!description.columns[i].is_generated()) change->cells[i] = Value::null();
  }
  return {this, change->cells};
}

RowChanges::Row RowChanges::update(Table table, const RowKey& key) {
  const std::size_t before = store(table).changes.size();
  RowChange* change = find_or_add(table, key);
  if (change == nullptr) return {this, nullptr};
  switch (change->kind) {
    case ChangeKind::none:
      if (store(table).changes.size() == before) impossible(table, key, "updates a deleted row");
      change->kind = ChangeKind::update;
      break;
    case ChangeKind::insert:
    case ChangeKind::update:
    case ChangeKind::upsert: break;
    case ChangeKind::erase: impossible(table, key, "updates a deleted row");
  }
  return {this, change->cells};
}

RowChanges::Row RowChanges::upsert(Table table, const RowKey& key) {
  const std::size_t before = store(table).changes.size();
  RowChange* change = find_or_add(table, key);
  if (change == nullptr) return {this, nullptr};
  switch (change->kind) {
    case ChangeKind::none:
      if (store(table).changes.size() == before) {
        impossible(table, key, "upserts a deleted row; rows that come by upsert stay");
      }
      change->kind = ChangeKind::upsert;
      break;
    case ChangeKind::insert:
    case ChangeKind::update:
    case ChangeKind::upsert: break;
    case ChangeKind::erase:
      impossible(table, key, "upserts a deleted row; rows that come by upsert stay");
  }
  return {this, change->cells};
}

void RowChanges::erase(Table table, const RowKey& key) {
  const std::size_t before = store(table).changes.size();
  RowChange* change = find_or_add(table, key);
  if (change == nullptr) return;
  switch (change->kind) {
    case ChangeKind::none:
      if (store(table).changes.size() == before) impossible(table, key, "deletes a deleted row");
      change->kind = ChangeKind::erase;
      break;
    case ChangeKind::insert: change->kind = ChangeKind::none; break;
    case ChangeKind::update: change->kind = ChangeKind::erase; break;
    case ChangeKind::upsert: impossible(table, key, "deletes a row that came by upsert");
    case ChangeKind::erase: impossible(table, key, "deletes a deleted row");
  }
  const auto& description = describe(table);
  std::fill(change->cells + description.key_columns, change->cells + description.width(), Value());
}

void RowChanges::merge(const RowChanges& later) {
  for (const Table table : all_tables) {
    const auto& description = describe(table);
    for (const RowChange& change : later.of(table)) {
      const RowKey key = key_of(table, change);
      if (change.kind == ChangeKind::none) continue;
      if (change.kind == ChangeKind::erase) {
        erase(table, key);
        continue;
      }
      Row row = change.kind == ChangeKind::insert   ? insert(table, key)
                : change.kind == ChangeKind::update ? update(table, key)
                                                    : upsert(table, key);
      for (std::size_t i = description.key_columns; i < description.width(); ++i) {
        const Value& cell = change.cells[i];
        const ColumnIndex column{static_cast<std::uint8_t>(i)};
        if (cell.kind() == Value::Kind::add) {
          row.add(column, cell.number());
        } else if (cell.kind() != Value::Kind::absent) {
          row.set(column, cell);
        }
      }
    }
  }
}

void RowChanges::clear() {
  for (Store& store : stores_) {
    store.changes.clear();
    std::fill(store.slots.begin(), store.slots.end(), 0U);
  }
  arena_.clear();
}

const RowChange* RowChanges::find(Table table, const RowKey& key) const {
  const Store& rows = store(table);
  if (rows.slots.empty()) return nullptr;
  const std::uint64_t hash = hash_of(key);
  const std::size_t mask = rows.slots.size() - 1;
  for (std::size_t slot = hash & mask; rows.slots[slot] != 0; slot = (slot + 1) & mask) {
    const RowChange& change = rows.changes[rows.slots[slot] - 1];
    if (change.hash == hash && same_key(change.cells, key)) return &change;
  }
  return nullptr;
}

std::size_t RowChanges::size() const {
  std::size_t rows = 0;
  for (const Store& store : stores_) rows += store.changes.size();
  return rows;
}

std::size_t RowChanges::bytes() const {
  // Its change, its slots (two to four), and its place in an order of keys.
  constexpr std::size_t beside_its_cells = sizeof(RowChange) + 3 * sizeof(std::uint32_t) + 32;
  return arena_.given() + size() * beside_its_cells;
}

RowChange* RowChanges::find_or_add(Table table, const RowKey& key) {
  const auto& description = describe(table);
  PESAN_ASSERT(key.size == description.key_columns, "a key of another table");
  const std::uint64_t hash = hash_of(key);
  if (!wants(table) || !wants(hash) || !wants(key)) return nullptr;

  Store& rows = store(table);
  if (rows.slots.size() < 2 * (rows.changes.size() + 1)) grow(rows);
  const std::size_t mask = rows.slots.size() - 1;
  std::size_t slot = hash & mask;
  for (; rows.slots[slot] != 0; slot = (slot + 1) & mask) {
    RowChange& change = rows.changes[rows.slots[slot] - 1];
    if (change.hash == hash && same_key(change.cells, key)) return &change;
  }
  auto* cells = reinterpret_cast<Value*>(arena_.allocate(description.width() * sizeof(Value)));
  std::uninitialized_fill_n(cells, description.width(), Value());
  for (std::size_t i = 0; i < key.size; ++i) cells[i] = kept(key.parts[i]);
  rows.changes.push_back({ChangeKind::none, hash, cells});
  rows.slots[slot] = static_cast<std::uint32_t>(rows.changes.size());
  return &rows.changes.back();
}

void RowChanges::grow(Store& store) {
  const std::size_t size = std::max<std::size_t>(64, store.slots.size() * 2);
  store.slots.assign(size, 0);
  for (std::size_t i = 0; i < store.changes.size(); ++i) {
    std::size_t slot = store.changes[i].hash & (size - 1);
    while (store.slots[slot] != 0) slot = (slot + 1) & (size - 1);
    store.slots[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

ChangeShape shape_of(Table table, const RowChange& change) {
  ChangeShape shape;
  const auto& description = describe(table);
  for (std::size_t i = description.key_columns; i < description.width(); ++i) {
    const Value::Kind kind = change.cells[i].kind();
    if (kind == Value::Kind::absent) continue;
    (kind == Value::Kind::add ? shape.add : shape.set) |= std::uint64_t{1} << i;
  }
  return shape;
}

}  // namespace pesan
