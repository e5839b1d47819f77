// The clients of a chaos run: an independent producer, without idempotence and transactions, that
// sends commands at a steady rate. It sends again whatever was not acknowledged, some commands
// twice on purpose, some to the wrong partition, some that nobody can read; its keys are spread by
// the auditor's murmur2. It remembers each acknowledged record. A thread of its own sends; the
// other members are for one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/kafka/handles.hpp"
#include "tests/support/workload.hpp"

namespace pesan::chaos {

class Load {
 public:
  struct Options {
    std::string brokers;
    std::string prefix;
    std::int32_t partitions = 1;
    std::uint64_t seed = 0;
    int per_second = 120;
    int houses = 4;  // of six resources each
  };
  explicit Load(Options options);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  /// Nothing new is sent from here on.
  void stop() { stopping_ = true; }
  /// And all that was sent is acknowledged; false where that lasts too long.
  bool finish();

  /// After `finish`: (partition, offset) of what was acknowledged, and its value.
  const std::map<std::pair<std::int32_t, std::int64_t>, std::string>& acknowledged() const {
    return acknowledged_;
  }
  int sent() const { return sent_; }
  int again() const { return again_; }          // after an error
  int twice() const { return twice_; }          // on purpose
  int misplaced() const { return misplaced_; }  // on purpose
  int broken() const { return broken_; }        // on purpose

 private:
  struct Sent {
    std::int32_t partition = 0;
    std::string key;
    std::string value;
  };
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  void run();
  void send_next();
  void send(std::size_t index);

  Options options_;
  Random random_;
  std::vector<Workload> houses_;
  kafka::ClientHandle producer_;
  kafka::TopicHandle topic_;
  std::vector<Sent> all_;            // by the number that comes back with the report
  std::vector<std::size_t> failed_;  // to be sent again
  std::size_t open_ = 0;             // without a report
  std::map<std::pair<std::int32_t, std::int64_t>, std::string> acknowledged_;
  std::atomic<int> sent_ = 0;
  int again_ = 0;
  int twice_ = 0;
  int misplaced_ = 0;
  int broken_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> settled_ = false;
  std::thread thread_;
};

}  // namespace pesan::chaos
