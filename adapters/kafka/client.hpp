// A librdkafka client of pesan: how each kind of client is set up, and what comes back unasked -
// delivery reports, log lines, errors. Callbacks run only inside `serve` and librdkafka's own
// waiting calls, in the thread that made them, and do nothing but note what came. A client may be
// used by any thread; one that produces, by one at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kafka/handles.hpp"
#include "adapters/kafka/kafka_error.hpp"
#include "adapters/kafka/place.hpp"
#include "events/log.hpp"

namespace pesan::kafka {

using std::chrono::milliseconds;

// How long a call keeps trying before it is a Failure.
inline constexpr milliseconds patience{10'000};
/// How long brokers may differ about a topic that was just made, before it counts as missing.
inline constexpr milliseconds metadata_lag{2'000};
/// The broker aborts a transaction that is open for longer; what commits waits no longer either.
inline constexpr milliseconds transaction_timeout{10'000};
inline constexpr milliseconds message_timeout{8'000};
inline constexpr milliseconds socket_timeout{5'000};
/// Of a plain append, which holds nobody up: a sender rather waits than does not know.
inline constexpr milliseconds append_timeout{30'000};
/// After it a group gives the partitions of a silent member to others.
inline constexpr milliseconds session_timeout{6'000};
inline constexpr milliseconds heartbeat_interval{1'000};
/// How long a broker keeps a reader's question while it has nothing to answer. Each client asks so
/// often while nothing comes; a partition that begins to be read meanwhile waits for the next one.
inline constexpr milliseconds fetch_wait{50};
/// Between two statistics of a client, unless a property says otherwise.
inline constexpr milliseconds statistics_interval{5'000};
/// What a reader fetches ahead of each partition, at most, beyond one answer of the broker.
inline constexpr std::size_t most_records_ahead = 5'000;
inline constexpr std::size_t most_bytes_ahead = std::size_t{4} << 20;
/// The largest record: what docs/wire.md#sizes promises, with key, headers and the batch around
/// them.
inline constexpr std::size_t max_record_bytes = (std::size_t{2} << 20) + (std::size_t{64} << 10);
/// A dead letter is a record of that size with headers that say why.
inline constexpr std::size_t max_letter_bytes = max_record_bytes + (std::size_t{64} << 10);

/// What became of one message, in the order of the reports.
struct Delivery {
  std::size_t index = 0;  // of the message, as given to `produce`
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_msg_status_t status = RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  Offset offset;
};

class Client {
 public:
  enum class Kind : std::uint8_t {
    reader,    // assigns itself partitions, reads committed records
    group,     // asks for a group's committed offsets
    member,    // is one of a group, which assigns it partitions
    writer,    // transactional
    appender,  // idempotent, without transactions
  };
  struct Options {
    Kind kind = Kind::reader;
    std::string id;          // client.id; of a writer the transactional.id, of a group the group.id
    std::string instance{};  // of a static member
    /// Of a member: assignments and revocations. It must answer each with rd_kafka_assign, and
    /// throws nothing.
    std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)> on_rebalance{};
    /// It tells its statistics where the place asks for them. Only of a client that is served all
    /// the time: what it has to say waits in memory.
    bool statistics = false;
    /// A reader that sees what is written and not committed: for ends, never for records.
    bool uncommitted = false;
  };

  /// Connects in the background. Fails where a property is none, or is one that pesan sets.
  static Fallible<std::unique_ptr<Client>> make(const Place& place, const Options& options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() = default;

  rd_kafka_t* get() const { return client_.get(); }
  rd_kafka_topic_t* topic(Topic topic) const {
    return topics_[static_cast<std::size_t>(topic)].get();
  }

  /// Hands one message over; `index` comes back with its delivery report. Copies the payload.
  rd_kafka_resp_err_t produce(const TopicPartition& to, const Payload& payload, std::size_t index);
  /// Sends what was handed over and waits until each message has its report. False when the time is
  /// over before that.
  bool flush(milliseconds wait);
  /// The reports since the last call.
  std::vector<Delivery> take_deliveries() {
    unreported_ -= deliveries_.size();
    auto taken = std::exchange(deliveries_, {});
    deliveries_.reserve(unreported_);
    return taken;
  }

  /// Logs what librdkafka has to say. Without it its lines wait in memory.
  void serve() { rd_kafka_poll(client_.get(), 0); }
  /// Why a connection was turned away since the last call, in librdkafka's words; empty: none was.
  std::string take_turned_away() noexcept {
    const std::scoped_lock turn(turned_away_turn_);
    return std::exchange(turned_away_, {});
  }
  /// The text of the error that ended the client, empty while it lives.
  std::string fatal_error() const;

 private:
  Client() = default;
  /// C must see no exception: room for what a callback keeps is made before it is needed.
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message,
                          void* opaque) noexcept;
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept;
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;
  static int on_statistics(rd_kafka_t* client, char* json, std::size_t size, void* opaque);

  std::vector<Delivery> deliveries_;
  std::size_t unreported_ = 0;  // messages whose reports were not taken: there is room for all
  std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)> on_rebalance_;
  OnStatistics on_statistics_;
  std::mutex turned_away_turn_;
  std::string turned_away_;
  ClientHandle client_;  // before the topics: it goes after them
  std::array<TopicHandle, topic_count> topics_;
};

}  // namespace pesan::kafka
