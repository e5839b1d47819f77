// The Log port as one process sees it in a bad world: a MemoryLog whose calls fail, lose their
// answers, answer less than there is, or kill the process, as the dice of Nature fall. It keeps
// every promise of the port. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/nature.hpp"

namespace pesan::simulation {

class FaultyLog final : public Log {
 public:
  FaultyLog(Nature& nature, Life& life) : nature_(nature), life_(life) {}

  std::int32_t partitions() const override { return nature_.log.partitions(); }
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override;
  Fallible<OffsetRange> range(TopicPartition source) override;
  std::uint64_t changes(Places places) override { return nature_.log.changes(places); }
  Fallible<bool> wait_for_change(Places places, std::uint64_t since,
                                 std::chrono::milliseconds wait) override {
    return nature_.log.wait_for_change(places, since, wait);
  }
  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override;
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) override;

 private:
  Nature& nature_;
  Life& life_;
};

class FaultyLogWriter final : public LogWriter {
 public:
  FaultyLogWriter(Nature& nature, Life& life, std::string_view role,
                  std::shared_ptr<LogWriter> inner)
      : nature_(nature), life_(life), role_(role), inner_(std::move(inner)) {}

  Fallible<void> take(const Taking& taking) override;
  Fallible<std::optional<Offset>> committed(TopicPartition source) override;
  Fallible<void> commit(const Transaction& transaction) override;

 private:
  Fallible<void> store(const Transaction& transaction);

  Nature& nature_;
  Life& life_;
  std::string role_;
  std::shared_ptr<LogWriter> inner_;  // shared with commits that are still under way
};

}  // namespace pesan::simulation
