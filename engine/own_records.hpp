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

#include "engine/forwarded_log.hpp"

namespace pesan {

class OwnRecords final : public ForwardedLog {
 public:
  /// Told of each foreign record, by any thread.
  using OnForeign = std::function<void(TopicPartition, Offset)>;

  OwnRecords(std::unique_ptr<Log> log, std::string_view log_id, OnForeign on_foreign);

  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override;

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

  const std::unique_ptr<Log> owned_;
  const OnForeign on_foreign_;
  std::array<std::string, topic_count> sources_;  // by topic; empty: any source is its own
  std::mutex mutex_;                              // guards what follows
  std::map<TopicPartition, Offset> told_;         // the last one of each partition
  std::map<TopicPartition, Stretch> foreign_;     // at the end of a partition
};

}  // namespace pesan
