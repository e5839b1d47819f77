#include "adapters/kafka/client.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>

#include "adapters/kafka/record_codec.hpp"

namespace pesan::kafka {
namespace {

using Setting = std::pair<const char*, std::string>;

std::string text(milliseconds time) { return std::to_string(time.count()); }

/// Defaults that a property may replace.
std::vector<Setting> defaults_of(Client::Kind kind) {
  std::vector<Setting> settings{
      {"socket.nagle.disable", "true"},
      {"socket.timeout.ms", text(socket_timeout)},
      {"retry.backoff.ms", "10"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"log_level", "4"},  // warnings; what happens is told by failures
  };
  switch (kind) {
    case Client::Kind::reader:
      settings.insert(settings.end(),
                      {{"check.crcs", "true"},
                       {"fetch.wait.max.ms", text(fetch_wait)},
                       {"fetch.error.backoff.ms", "50"},
                       {"queued.min.messages", std::to_string(most_records_ahead)},
                       {"queued.max.messages.kbytes", std::to_string(most_bytes_ahead >> 10)}});
      // How long it leaves a partition alone whose queue is full; before 2.2 see Cursor.
      if (rd_kafka_version() >= 0x020200ff) settings.emplace_back("fetch.queue.backoff.ms", "5");
      break;
    case Client::Kind::group: break;
    case Client::Kind::member:
      // Its session's end is the longest that a killed process keeps its partitions from others.
      settings.insert(settings.end(), {{"session.timeout.ms", text(session_timeout)},
                                       {"heartbeat.interval.ms", text(heartbeat_interval)},
                                       // How soon partitions that somebody adds are dealt out.
                                       {"topic.metadata.refresh.interval.ms", "30000"}});
      break;
    case Client::Kind::writer:
      // How soon it asks again whether the transaction before has ended.
      settings.emplace_back("retry.backoff.ms", "2");
      [[fallthrough]];
    case Client::Kind::appender:
      // What is kept for ever is a twelfth of its size with it, for next to no CPU: measured in
      // bench/RESULTS.md. A batch unpacks to what librdkafka puts into one, 1 MB or one record.
      settings.insert(settings.end(), {{"linger.ms", "2"}, {"compression.type", "zstd"}});
      break;
  }
  return settings;
}

/// What exactly-once stands on; no property replaces these.
std::vector<Setting> fixed_of(const Place& place, const Client::Options& options) {
  std::vector<Setting> settings{
      {"bootstrap.servers", place.brokers}, {"client.id", options.id}, {"log.queue", "true"}};
  switch (options.kind) {
    case Client::Kind::reader:
    case Client::Kind::group:
    case Client::Kind::member:
      settings.insert(settings.end(), {{"isolation.level", options.uncommitted ? "read_uncommitted"
                                                                               : "read_committed"},
                                       {"enable.auto.commit", "false"},
                                       {"enable.auto.offset.store", "false"},
                                       {"auto.offset.reset", "error"},
                                       {"enable.partition.eof", "true"},
                                       {"allow.auto.create.topics", "false"}});
      if (options.kind != Client::Kind::reader) settings.emplace_back("group.id", options.id);
      if (options.kind == Client::Kind::member) {
        settings.emplace_back("partition.assignment.strategy", "range");  // an eager one
        if (!options.instance.empty()) settings.emplace_back("group.instance.id", options.instance);
      }
      break;
    case Client::Kind::writer:
      settings.emplace_back("transactional.id", options.id);
      settings.emplace_back("transaction.timeout.ms", text(transaction_timeout));
      [[fallthrough]];
    case Client::Kind::appender:
      settings.insert(
          settings.end(),
          {{"enable.idempotence", "true"},
           {"acks", "all"},
           {"message.timeout.ms",
            text(options.kind == Client::Kind::writer ? message_timeout : append_timeout)},
           {"message.max.bytes", std::to_string(max_letter_bytes)}});
      break;
  }
  return settings;
}

constexpr std::array fixed_names{"bootstrap.servers",
                                 "client.id",
                                 "log.queue",
                                 "isolation.level",
                                 "enable.auto.commit",
                                 "enable.auto.offset.store",
                                 "auto.offset.reset",
                                 "group.id",
                                 "group.instance.id",
                                 "partition.assignment.strategy",
                                 "enable.partition.eof",
                                 "transactional.id",
                                 "enable.idempotence",
                                 "transaction.timeout.ms",
                                 "acks",
                                 "message.timeout.ms",
                                 "message.max.bytes",
                                 "metadata.broker.list"};

void log_line(const rd_kafka_t*, int level, const char* facility, const char* line) {
  // A property of producers given to a reader is no mistake: properties are for all clients. And a
  // name that is taken over is always "concurrent" for a moment. Connections that fail come as
  // errors too.
  const std::string_view of = facility;
  if (of == "CONFWARN" || of == "GETPID" || of == "FAIL") level = 7;
  spdlog::log(level <= 3   ? spdlog::level::err
              : level == 4 ? spdlog::level::warn
                           : spdlog::level::debug,
              "librdkafka: {}: {}", facility, line);
}

Fallible<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> problem{};
  const auto done =
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem.data(), problem.size());
  if (done == RD_KAFKA_CONF_OK) return {};
  return fail(FailureKind::usage, fmt::format("Kafka property {}: {}", name, problem.data()));
}

Fallible<void> set_all(rd_kafka_conf_t* conf, const Place& place, const Client::Options& options) {
  for (const auto& [name, value] : defaults_of(options.kind)) {
    if (auto done = set(conf, name, value); !done) return done;
  }
  if (options.statistics && place.on_statistics) {
    if (auto done = set(conf, "statistics.interval.ms", text(statistics_interval)); !done) {
      return done;
    }
  }
  for (const auto& [name, value] : place.properties) {
    if (std::ranges::find(fixed_names, name) != fixed_names.end()) {
      return fail(FailureKind::usage,
                  fmt::format("Kafka property {} is pesan's own and may not be set", name));
    }
    if (auto done = set(conf, name, value); !done) return done;
  }
  for (const auto& [name, value] : fixed_of(place, options)) {
    if (auto done = set(conf, name, value); !done) return done;
  }
  return {};
}

/// Threads that are started meanwhile let their timers come a little late. librdkafka 2.0 waits in
/// whole milliseconds and spends what is left awake: a core is busy for up to one of them a timer,
/// and each client has a timer a second at least. What arrives wakes a thread as before.
class LateTimers {
 public:
  LateTimers() { ::prctl(PR_SET_TIMERSLACK, 2'000'000UL); }
  LateTimers(const LateTimers&) = delete;
  LateTimers& operator=(const LateTimers&) = delete;
  ~LateTimers() { ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_)); }

 private:
  const int before_ = ::prctl(PR_GET_TIMERSLACK);  // nanoseconds, of this thread
};

}  // namespace

Fallible<std::unique_ptr<Client>> Client::make(const Place& place, const Options& options) {
  ConfHandle conf(rd_kafka_conf_new());
  if (auto done = set_all(conf.get(), place, options); !done) return std::unexpected(done.error());
  auto client = std::unique_ptr<Client>(new Client);
  const bool produces = options.kind == Kind::writer || options.kind == Kind::appender;
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_log_cb(conf.get(), log_line);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  if (produces) rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  client->on_rebalance_ = options.on_rebalance;
  if (options.on_rebalance) rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  if (options.statistics && place.on_statistics) {
    client->on_statistics_ = place.on_statistics;
    rd_kafka_conf_set_stats_cb(conf.get(), on_statistics);
  }
  std::array<char, 512> problem{};
  std::optional<LateTimers> late;
  if (!produces) late.emplace();  // a batch that lingers is not to linger longer
  client->client_.reset(rd_kafka_new(produces ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf.get(),
                                     problem.data(), problem.size()));
  if (client->client_ == nullptr) {
    return fail(FailureKind::fatal,
                fmt::format("cannot make a Kafka client for {}: {}", place.url(), problem.data()));
  }
  conf.release();  // NOLINT: rd_kafka_new has taken it over
  rd_kafka_set_log_queue(client->get(), nullptr);
  for (std::size_t i = 0; i < topic_count; ++i) {
    const auto name = place.topic(static_cast<Topic>(i));
    client->topics_[i].reset(rd_kafka_topic_new(client->get(), name.c_str(), nullptr));
  }
  return client;
}

void Client::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) noexcept {
  static_cast<Client*>(opaque)->deliveries_.push_back(
      {.index = reinterpret_cast<std::size_t>(message->_private),
       .error = message->err,
       .status = rd_kafka_message_status(message),
       .offset = {message->offset}});
}

void Client::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept {
  static_cast<Client*>(opaque)->on_rebalance_(code, partitions);
}

void Client::on_error(rd_kafka_t*, int number, const char* reason, void* opaque) noexcept {
  const auto code = static_cast<rd_kafka_resp_err_t>(number);
  spdlog::warn("Kafka: {} ({})", reason, rd_kafka_err2name(code));
  if (!turns_away(code, reason)) return;
  try {
    auto* client = static_cast<Client*>(opaque);
    const std::scoped_lock turn(client->turned_away_turn_);
    client->turned_away_ = reason;
  } catch (const std::exception&) {  // no memory: the line above has said it
  }
}

int Client::on_statistics(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
  try {
    static_cast<Client*>(opaque)->on_statistics_({json, size});
  } catch (const std::exception& bug) {  // or no memory; C must not see it
    spdlog::debug("statistics: {}", bug.what());
  }
  return 0;  // librdkafka frees the text
}

rd_kafka_resp_err_t Client::produce(const TopicPartition& to, const Payload& payload,
                                    std::size_t index) {
  if (deliveries_.capacity() <= unreported_) deliveries_.reserve(2 * unreported_ + 1);
  HeadersHandle headers = headers_of(payload);
  const auto vu = [](rd_kafka_vtype_t type) {
    rd_kafka_vu_t value{};
    value.vtype = type;
    return value;
  };
  std::array<rd_kafka_vu_t, 7> values{vu(RD_KAFKA_VTYPE_RKT),      vu(RD_KAFKA_VTYPE_PARTITION),
                                      vu(RD_KAFKA_VTYPE_KEY),      vu(RD_KAFKA_VTYPE_VALUE),
                                      vu(RD_KAFKA_VTYPE_MSGFLAGS), vu(RD_KAFKA_VTYPE_OPAQUE),
                                      vu(RD_KAFKA_VTYPE_HEADERS)};
  values[0].u.rkt = topic(to.topic);
  values[1].u.i32 = to.partition.value;
  // librdkafka copies both; its interface lacks a const.
  values[2].u.mem.ptr = payload.key ? const_cast<char*>(payload.key->data()) : nullptr;
  values[2].u.mem.size = payload.key ? payload.key->size() : 0;
  values[3].u.mem.ptr = payload.null_value ? nullptr : const_cast<char*>(payload.value.data());
  values[3].u.mem.size = payload.value.size();
  values[4].u.i = RD_KAFKA_MSG_F_COPY;
  values[5].u.ptr = reinterpret_cast<void*>(index);
  values[6].u.headers = headers.get();
  for (;;) {
    const ErrorHandle error(
        rd_kafka_produceva(client_.get(), values.data(), headers ? values.size() : 6));
    if (error == nullptr) {
      headers.release();  // NOLINT: the message has taken them over
      ++unreported_;
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    const auto code = rd_kafka_error_code(error.get());
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return code;
    rd_kafka_poll(client_.get(), 10);  // reports make room; each comes within message_timeout
  }
}

bool Client::flush(milliseconds wait) {
  return rd_kafka_flush(client_.get(), static_cast<int>(wait.count())) ==
         RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::string Client::fatal_error() const {
  std::array<char, 512> text{};
  if (rd_kafka_fatal_error(client_.get(), text.data(), text.size()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {};
  }
  return text.data();
}

}  // namespace pesan::kafka
