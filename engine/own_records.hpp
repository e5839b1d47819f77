// A log as its readers should see it: in events, results and customers a record that does not name
// this log as its source is foreign (a stray record by hand, a tool pointed at the wrong topic). It
// is passed over like a gap, and told once a process. What names this log and
// does not fit is the reader's affair. Writing goes through unchanged. Any thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/log_writer.hpp"

namespace pesan {

class OwnRecords final : public Log {
 public:
  /// Told of each foreign record, by any thread.
  using OnForeign = std::function<void(TopicPartition, Offset)>;

  OwnRecords(std::unique_ptr<Log> log, std::string_view log_id, OnForeign on_foreign);

  std::int32_t partitions() const override { return log_->partitions(); }
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override;
  Fallible<OffsetRange> range(TopicPartition source) override { return log_->range(source); }
  Fallible<Offset> written_end(TopicPartition source) override { return log_->written_end(source); }
  void idle() override { log_->idle(); }
  Fallible<std::unique_ptr<LogWriter>> open_writer(const WriterName& name) override {
    return log_->open_writer(name);
  }
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) override {
    return log_->append(records);
  }

 private:
  bool is_own(Topic topic, std::string_view record) const;
  void tell(TopicPartition source, Offset offset);
  /// Foreign records from `from` on, before `to`. A reader asks again and again for what comes
  /// after the last one that it was given: it is not to read those before anew each time.
  struct Stretch {
    Offset from;
    Offset to;
  };
  Offset behind_foreign(TopicPartition source, Offset from);
  void remember_foreign(TopicPartition source, const Stretch& stretch);

  const std::unique_ptr<Log> log_;
  const OnForeign on_foreign_;
  std::array<std::string, topic_count> sources_;  // by topic; empty: any source is its own
  std::mutex mutex_;                              // guards what follows
  std::map<TopicPartition, Offset> told_;         // the last one of each partition
  std::map<TopicPartition, Stretch> foreign_;     // at the end of a partition
};

}  // namespace pesan
