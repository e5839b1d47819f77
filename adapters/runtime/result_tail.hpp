// The results of every partition as they come, from where they ended when this began. It does not
// know what they answer. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "events/log.hpp"
#include "events/result_codec.hpp"

namespace pesan::runtime {

class ResultTail {
 public:
  using Take = std::function<void(Partition, const Result&, const std::string& text)>;

  static Fallible<std::unique_ptr<ResultTail>> from_now(LogReader& log);
  /// Hands out what there is of a partition, waiting at most `wait` for the first; how many.
  Fallible<std::size_t> read(Partition partition, std::chrono::milliseconds wait, const Take& take);

 private:
  ResultTail(LogReader& log, std::vector<Offset> next) : log_(log), next_(std::move(next)) {}

  LogReader& log_;
  std::vector<Offset> next_;  // by partition
  ResultDecoder decoder_;
  std::vector<Record> records_;
};

}  // namespace pesan::runtime
