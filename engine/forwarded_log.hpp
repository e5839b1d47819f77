// The Log port, handed on to another log: what derives from it says what it does otherwise. Any
// thread, as the other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/log_writer.hpp"

namespace pesan {

class ForwardedLog : public Log {
 public:
  /// It outlives this one.
  explicit ForwardedLog(Log& log) : log_(log) {}

  std::int32_t partitions() const override { return log_.partitions(); }
  Fallible<std::int32_t> command_partitions() override { return log_.command_partitions(); }
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override {
    return log_.read(source, from, limit, into);
  }
  Fallible<OffsetRange> range(TopicPartition source) override { return log_.range(source); }
  Fallible<Offset> written_end(TopicPartition source) override { return log_.written_end(source); }
  std::uint64_t changes(Places places) override { return log_.changes(places); }
  Fallible<bool> wait_for_change(Places places, std::uint64_t since,
                                 std::chrono::milliseconds wait) override {
    return log_.wait_for_change(places, since, wait);
  }
  void idle() override { log_.idle(); }
  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override {
    return log_.open_writer(role);
  }
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) override {
    return log_.append(records);
  }

 protected:
  Log& log() const { return log_; }

 private:
  Log& log_;
};

}  // namespace pesan
