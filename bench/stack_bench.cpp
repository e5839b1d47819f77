// The side of the whole-stack bench that talks to Kafka and the database from outside of pesan: it
// publishes the workload, sees when it is decided and when it is projected, and measures latency at
// a steady rate. bench/run starts the roles and calls it. Times are seconds since 1970, so that
// they compare with the lines that pesan logs.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "adapters/kafka/client.hpp"
#include "adapters/kafka/group_offsets.hpp"
#include "adapters/kafka/handles.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "adapters/mysql/connection.hpp"
#include "adapters/runtime/clock.hpp"
#include "bench/must.hpp"
#include "bench/workload.hpp"
#include "events/partitioner.hpp"
#include "events/result_codec.hpp"
#include "tests/support/read_or_wait.hpp"

namespace {

using namespace pesan;
using bench::must;
using namespace std::chrono_literals;
using Moment = std::chrono::system_clock::time_point;

Moment now() { return std::chrono::system_clock::now(); }
double seconds(Moment moment) {
  return std::chrono::duration<double>(moment.time_since_epoch()).count();
}

struct Stack {
  explicit Stack(std::string_view url)
      : place(must(kafka::parse_place(url, {}))), log(must(KafkaLog::open(place))) {}

  std::int32_t partitions() const { return log->partitions(); }
  OutgoingRecord record(const bench::Workload& workload, std::size_t i) const {
    const std::string_view resource = workload.commands()[i].resource.text;
    return {.to = {Topic::commands, partition_of(resource, partitions())},
            .payload = {.key = std::string(resource), .value = workload.record(i)}};
  }

  kafka::Place place;
  std::unique_ptr<KafkaLog> log;
};

void load(const Stack& stack, std::int64_t commands) {
  const bench::Workload workload(
      {.rooms = 1000, .commands = commands, .open_bookings = 2000, .start = runtime::system_now()});
  std::vector<OutgoingRecord> records;
  std::size_t bytes = 0;
  const auto total = workload.commands().size();
  const auto begin = now();
  for (std::size_t i = 0; i < total; ++i) {
    records.push_back(stack.record(workload, i));
    bytes += records.back().payload.value.size();
    if (records.size() < 10'000 && i + 1 < total) continue;
    must(stack.log->append(records));
    records.clear();
  }
  fmt::print("{{\"commands\": {}, \"bytes\": {}, \"per_s\": {:.0f}}}\n", total, bytes / total,
             static_cast<double>(total) / (seconds(now()) - seconds(begin)));
}

/// Until the engine's group has consumed every command. Brokers that have just started need a while
/// until one of them knows groups.
void decided(const Stack& stack) {
  kafka::GroupOffsets group(stack.place, stack.place.prefix + "-engine");
  std::vector<Offset> ends;
  for (std::int32_t p = 0; p < stack.partitions(); ++p) {
    ends.push_back(must(stack.log->range({Topic::commands, Partition{p}})).end);
  }
  for (std::int32_t p = 0; p < stack.partitions();) {
    const auto last = group.last({Topic::commands, Partition{p}});
    if (!last && last.error().kind != FailureKind::transient) must(last);
    if (last && last->next >= ends[static_cast<std::size_t>(p)]) {
      ++p;
    } else {
      std::this_thread::sleep_for(5ms);
    }
  }
  fmt::print("{{\"at\": {:.3f}}}\n", seconds(now()));
}

/// Sequences that the read models show, by partition of events.
class Checkpoints {
 public:
  Checkpoints(const std::string& url, std::int32_t partitions)
      : connection_(must(
            mysql::Connection::open({.address = must(mysql::parse_address(url)), .password = {}}))),
        reached_(static_cast<std::size_t>(partitions) + 1) {}

  /// The offsets after the last record of each events partition, and of customers behind them.
  const std::vector<Offset>& look() {
    auto rows = must(connection_.query("read",
                                       "SELECT topic = 'customers', `partition`, next_offset, "
                                       "sequence FROM projection_checkpoint"));
    while (must(rows.next())) {
      const bool customers = rows.integer(0) != 0;
      const auto i = customers ? reached_.size() - 1 : static_cast<std::size_t>(rows.integer(1));
      reached_[i] = {rows.integer(2)};
      if (!customers) sequences_[rows.integer(1)] = rows.integer(3);
    }
    return reached_;
  }
  std::int64_t sequence(std::int32_t partition) { return sequences_[partition]; }
  bool every_booking_has_its_customer() {
    return must(connection_.query_integer("read",
                                          "SELECT (SELECT COUNT(*) FROM booking) = "
                                          "(SELECT COUNT(*) FROM customer_booking)")) != 0;
  }

 private:
  mysql::Connection connection_;
  std::vector<Offset> reached_;
  std::map<std::int64_t, std::int64_t> sequences_;
};

/// Until every event is in the rows, and the customer of every booking where there are customers;
/// all is decided by now. It seldom looks, as it runs on the cores of those that it waits for.
void projected(const Stack& stack, const std::string& store, bool customers) {
  Checkpoints checkpoints(store, stack.partitions());
  std::int64_t events = 0;
  const auto done = [&](Topic topic, std::int32_t p, Offset reached) {
    const TopicPartition place{topic, Partition{p}};
    const auto end = must(stack.log->range(place)).end;
    return !must(holds_records(*stack.log, place, reached, end));
  };
  Moment all;
  for (bool ready = false; !ready; std::this_thread::sleep_for(ready ? 0ms : 100ms)) {
    const auto reached = checkpoints.look();
    all = now();
    ready = true;
    events = 0;
    for (std::int32_t p = 0; ready && p < stack.partitions(); ++p) {
      ready = done(Topic::events, p, reached[static_cast<std::size_t>(p)]);
      events += checkpoints.sequence(p);
    }
    ready = ready && (!customers || (done(Topic::customers, 0, reached.back()) &&
                                     checkpoints.every_booking_has_its_customer()));
  }
  fmt::print("{{\"at\": {:.3f}, \"events\": {}}}\n", seconds(all), events);
}

double percentile(std::vector<double>& values, double part) {
  const auto i = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + i, values.end());
  return values[static_cast<std::size_t>(i)] * 1000;
}

/// An upstream service that sends what is due at once and never again. Not an idempotent producer:
/// librdkafka spends all the time awake in which one has more to send than it may have in flight.
class Sender {
 public:
  explicit Sender(const kafka::Place& place) {
    kafka::ConfHandle conf(rd_kafka_conf_new());
    std::array<char, 512> problem{};
    for (const auto& [name, value] : {std::pair{"bootstrap.servers", place.brokers.c_str()},
                                      {"acks", "all"},
                                      {"linger.ms", "0"},
                                      {"retries", "0"},
                                      {"socket.nagle.disable", "true"}}) {
      if (rd_kafka_conf_set(conf.get(), name, value, problem.data(), problem.size()) !=
          RD_KAFKA_CONF_OK) {
        stop(problem.data());
      }
    }
    rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* m, void*) {
      if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_err2str(m->err));
    });
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), problem.data(), problem.size()));
    if (client_ == nullptr) stop(problem.data());
    conf.release();  // NOLINT: the client has taken it over
    const auto name = place.topic(Topic::commands);
    topic_.reset(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  }

  void send(const OutgoingRecord& command) {
    const auto& [to, payload] = command;
    const int refused =
        rd_kafka_produce(topic_.get(), to.partition.value, RD_KAFKA_MSG_F_COPY,
                         const_cast<char*>(payload.value.data()), payload.value.size(),
                         payload.key->data(), payload.key->size(), nullptr);
    if (refused != 0) stop(rd_kafka_err2str(rd_kafka_last_error()));
  }
  void hear() { rd_kafka_poll(client_.get(), 0); }
  void flush() {
    const auto done = rd_kafka_flush(client_.get(), 30'000);
    if (done != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_err2str(done));
  }

 private:
  [[noreturn]] static void stop(const char* problem) {
    fmt::print(stderr, "stack_bench: {}\n", problem);
    std::exit(3);
  }
  kafka::ClientHandle client_;
  kafka::TopicHandle topic_;
};

/// Where the answers of a loop stand.
struct Answers {
  const kafka::Place& results;
  /// As pesan writes them, with rows in that store. Otherwise the n-th result of a partition
  /// answers its n-th command, and there are no rows.
  std::optional<std::string> store;
};

/// An open loop: each command has the moment when it should be sent, whatever became of the others.
void latency(const Stack& stack, const Answers& answers, std::int64_t rate, std::int64_t count) {
  const bench::Workload workload(
      {.rooms = 1000, .commands = count, .open_bookings = 2000, .start = runtime::system_now()});
  const auto total = workload.commands().size();
  const auto settled = static_cast<std::size_t>(1000 + 5 * rate);  // rooms, and a warm-up
  if (total <= settled) {
    fmt::print(stderr, "stack_bench: {} commands are over before the warm-up of 5 s\n", total);
    std::exit(2);
  }
  std::vector<double> intended(total), result_at(total, 0), row_at(total, 0);
  std::vector<std::pair<std::int32_t, std::int64_t>> sequence_of(total);
  std::vector<std::vector<std::size_t>> sent_to(static_cast<std::size_t>(stack.partitions()));
  for (std::size_t i = 0; i < total; ++i) {
    const auto to = partition_of(workload.commands()[i].resource.text, stack.partitions());
    sent_to[static_cast<std::size_t>(to.value)].push_back(i);
  }
  std::vector<Offset> next;
  // Commands gather for 5 ms: otherwise each would be a request.
  constexpr auto gather = 5ms;
  Sender sender(stack.place);
  // Readers of their own, connected before the clock starts.
  std::vector<std::unique_ptr<KafkaLog>> readers;
  for (std::int32_t p = 0; p < stack.partitions(); ++p) {
    readers.push_back(must(KafkaLog::open(answers.results)));
    next.push_back(must(readers.back()->range({Topic::results, Partition{p}})).end);
  }
  std::optional<Checkpoints> checkpoints;
  if (answers.store) checkpoints.emplace(*answers.store, stack.partitions());

  // What is due by then is handed over, whatever became of the rest.
  const auto begin = now() + 500ms;
  for (std::size_t i = 0; i < total; ++i) {
    intended[i] = seconds(begin) + static_cast<double>(i) / static_cast<double>(rate);
  }
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    std::size_t i = 0;
    for (auto due = begin; i < total; due += gather) {
      std::this_thread::sleep_until(due);
      for (; i < total && intended[i] <= seconds(now()); ++i) {
        sender.send(stack.record(workload, i));
      }
      sender.hear();
    }
    sender.flush();
  });
  std::atomic<bool> reading = true;
  std::atomic<bool> behind = checkpoints.has_value();
  std::vector<std::atomic<std::int64_t>> last_sequence(
      static_cast<std::size_t>(stack.partitions()));
  std::vector<std::vector<std::pair<double, std::int64_t>>> shown(
      static_cast<std::size_t>(stack.partitions()));
  threads.emplace_back([&] {
    while (reading && checkpoints) {
      checkpoints->look();
      const double at = seconds(now());
      for (std::int32_t p = 0; p < stack.partitions(); ++p) {
        auto& seen = shown[static_cast<std::size_t>(p)];
        const auto sequence = checkpoints->sequence(p);
        if (seen.empty() || seen.back().second < sequence) seen.emplace_back(at, sequence);
      }
      behind = std::ranges::any_of(shown, [&](const auto& seen) {
        return seen.back().second < last_sequence[static_cast<std::size_t>(&seen - shown.data())];
      });
      std::this_thread::sleep_for(4ms);  // each look is work for the database
    }
  });
  // One thread a partition of results, so that each is seen when it is there.
  std::atomic<std::size_t> found = 0;
  for (std::int32_t p = 0; p < stack.partitions(); ++p) {
    threads.emplace_back([&, p] {
      KafkaLog& log = *readers[static_cast<std::size_t>(p)];
      std::vector<Record> records;
      Offset from = next[static_cast<std::size_t>(p)];
      std::size_t answered = 0;
      ResultDecoder decoder;
      while (found < total) {
        must(read_or_wait(log, {Topic::results, Partition{p}}, from, {}, 20ms, records));
        const double at = seconds(now());
        for (const Record& record : records) {
          ++found;
          if (!answers.store) {
            result_at[sent_to[static_cast<std::size_t>(p)].at(answered++)] = at;
            continue;
          }
          const auto result = decoder.decode(record.payload.value);
          if (!result) std::exit(3);
          const auto i = static_cast<std::size_t>(std::atoll(result->id->data() + 2));
          result_at[i] = at;
          sequence_of[i] = {p, result->sequence.value};
          last_sequence[static_cast<std::size_t>(p)] = result->sequence.value;
        }
        if (!records.empty()) from = records.back().offset.next();
      }
    });
  }
  while (found < total) std::this_thread::sleep_for(50ms);
  // Until the last rows are there, and the look that says so is over.
  do std::this_thread::sleep_for(50ms);
  while (behind);
  reading = false;
  for (auto& thread : threads) thread.join();

  std::vector<double> results, rows;
  for (std::size_t i = settled; i < total; ++i) {
    results.push_back(result_at[i] - intended[i]);
    if (!answers.store) continue;
    const auto& seen = shown[static_cast<std::size_t>(sequence_of[i].first)];
    const auto row = std::lower_bound(
        seen.begin(), seen.end(), sequence_of[i].second,
        [](const auto& look, std::int64_t sequence) { return look.second < sequence; });
    if (row == seen.end()) {
      fmt::print(stderr, "stack_bench: no row for command {}\n", i);
      std::exit(3);
    }
    rows.push_back(row->first - intended[i]);
  }
  fmt::print("{{\"rate\": {}, \"result_p50\": {:.1f}, \"result_p99\": {:.1f}", rate,
             percentile(results, 0.5), percentile(results, 0.99));
  if (answers.store) {
    fmt::print(", \"row_p50\": {:.1f}, \"row_p99\": {:.1f}", percentile(rows, 0.5),
               percentile(rows, 0.99));
  }
  fmt::print("}}\n");
}

/// Mean bytes of the values of a topic, to write records of the same size.
void sizes(const Stack& stack) {
  const auto mean = [&](Topic topic) {
    std::vector<Record> records;
    must(read_or_wait(*stack.log, {topic, Partition{0}}, {}, {.records = 20'000}, 1s, records));
    std::size_t bytes = 0;
    for (const Record& record : records) bytes += record.payload.value.size();
    return bytes / std::max<std::size_t>(records.size(), 1);
  };
  fmt::print("{{\"event\": {}, \"result\": {}}}\n", mean(Topic::events), mean(Topic::results));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string what = words.empty() ? "" : words[0];
  if (what == "load" && words.size() == 3) {
    load(Stack(words[1]), std::atoll(words[2].c_str()));
  } else if (what == "decided" && words.size() == 2) {
    decided(Stack(words[1]));
  } else if (what == "projected" && words.size() == 4) {
    projected(Stack(words[1]), words[2], words[3] == "all");
  } else if (what == "sizes" && words.size() == 2) {
    sizes(Stack(words[1]));
  } else if (what == "latency" && words.size() == 5) {
    const Stack stack(words[1]);
    latency(stack, {.results = stack.place, .store = words[2]}, std::atoll(words[3].c_str()),
            std::atoll(words[4].c_str()));
  } else if (what == "bare-latency" && words.size() == 5) {
    const auto outputs = must(kafka::parse_place(words[2], {}));
    latency(Stack(words[1]), {.results = outputs, .store = std::nullopt},
            std::atoll(words[3].c_str()), std::atoll(words[4].c_str()));
  } else {
    fmt::print(stderr,
               "usage: stack_bench load LOG COMMANDS | decided LOG | sizes LOG |\n"
               "                   projected LOG STORE all|peer |\n"
               "                   latency LOG STORE RATE COMMANDS |\n"
               "                   bare-latency LOG OUTPUTS RATE COMMANDS\n");
    return 2;
  }
}
