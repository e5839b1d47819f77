// The RowReader port over a MemoryReadModel: it looks at every row, so it knows no index and its
// answers are what the others are held against. Any number of threads while nobody writes.
#pragma once

#include <optional>
#include <vector>

#include "projections/row_reader.hpp"
#include "tests/support/memory_read_model.hpp"

namespace pesan {

class MemoryRowReader final : public RowReader {
 public:
  explicit MemoryRowReader(MemoryReadModel& model) : model_(model) {}

  Fallible<std::optional<OwnedRow>> find(Table table, const RowKey& key) override;
  Fallible<Page> page(const PageQuestion& question) override;
  Fallible<std::vector<Checkpoint>> positions() override;

 private:
  MemoryReadModel& model_;
};

}  // namespace pesan
