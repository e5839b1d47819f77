// The bare loop that the engine on Kafka is measured against. It consumes commands, produces two
// records of given sizes for each and commits them with the consumed offsets in one transaction; it
// parses, decides and remembers nothing. What is there already is worked off by a thread a
// partition; what comes, until it is killed, by one thread and producer for all. The settings are
// those of pesan's clients. Its output topics stand beside the log's, named by a prefix.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

namespace {

[[noreturn]] void stop(const std::string& what) {
  fmt::print(stderr, "bare_kafka: {}\n", what);
  std::exit(3);
}

void check(rd_kafka_error_t* error, const char* doing) {
  if (error != nullptr) stop(fmt::format("{}: {}", doing, rd_kafka_error_string(error)));
}

struct Options {
  std::string brokers;
  std::string prefix;   // of the log whose commands are consumed
  std::string outputs;  // of the topics that are written: <outputs>.events, <outputs>.results
  int partitions;
  std::size_t event_bytes;
  std::size_t result_bytes;
  std::size_t batch;
  std::string ahead;  // records fetched ahead of a partition
  bool live;          // goes on with what comes
};

rd_kafka_t* client(const Options& options, bool consumer, int number) {
  std::vector<std::pair<std::string, std::string>> settings{{"bootstrap.servers", options.brokers},
                                                            {"socket.nagle.disable", "true"}};
  if (consumer) {
    settings.insert(settings.end(), {{"group.id", options.outputs},
                                     {"isolation.level", "read_committed"},
                                     {"enable.auto.commit", "false"},
                                     {"auto.offset.reset", "error"},
                                     {"enable.partition.eof", "true"},
                                     {"check.crcs", "true"},
                                     {"fetch.wait.max.ms", "20"},
                                     {"queued.min.messages", options.ahead},
                                     {"queued.max.messages.kbytes", "32768"}});
  } else {
    settings.insert(settings.end(),
                    {{"transactional.id", fmt::format("{}-{}", options.outputs, number)},
                     {"linger.ms", "2"},
                     {"transaction.timeout.ms", "10000"}});
  }
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char problem[512];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem, sizeof problem) !=
        RD_KAFKA_CONF_OK) {
      stop(problem);
    }
  }
  rd_kafka_t* made =
      rd_kafka_new(consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
  if (made == nullptr) stop(problem);
  return made;
}

/// Some partitions, in transactions that they share. Until the end of the first, unless it goes on
/// for ever; how many it consumed.
std::size_t run(const Options& options, const std::vector<int>& partitions) {
  const std::string commands = options.prefix + ".commands";
  const std::string events = options.outputs + ".events";
  const std::string results = options.outputs + ".results";
  rd_kafka_t* producer = client(options, false, partitions.front());
  check(rd_kafka_init_transactions(producer, 10'000), "init");
  rd_kafka_t* consumer = client(options, true, partitions.front());
  const auto size = static_cast<int>(partitions.size());
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(size);
  for (const int partition : partitions) {
    rd_kafka_topic_partition_list_add(list, commands.c_str(), partition)->offset = 0;
  }
  rd_kafka_assign(consumer, list);
  rd_kafka_consumer_group_metadata_t* metadata = rd_kafka_consumer_group_metadata(consumer);
  const std::string event(options.event_bytes, 'e');
  const std::string result(options.result_bytes, 'r');
  std::size_t count = 0;
  for (bool end = false; !end;) {
    std::vector<rd_kafka_message_t*> batch;
    while (batch.size() < options.batch) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, batch.empty() ? 1000 : 0);
      if (message == nullptr) break;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        rd_kafka_message_destroy(message);
        if (options.live) continue;
        end = true;
        break;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_message_errstr(message));
      batch.push_back(message);
    }
    if (batch.empty()) continue;
    check(rd_kafka_begin_transaction(producer), "begin");
    rd_kafka_topic_partition_list_t* consumed = rd_kafka_topic_partition_list_new(size);
    for (rd_kafka_message_t* message : batch) {
      for (const auto& [topic, value] :
           {std::pair{&events, &event}, std::pair{&results, &result}}) {
        rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
        rd_kafka_header_add(headers, "content-type", -1,
                            "application/cloudevents+json; charset=UTF-8", -1);
        const auto code = rd_kafka_producev(
            producer, RD_KAFKA_V_TOPIC(topic->c_str()), RD_KAFKA_V_PARTITION(message->partition),
            RD_KAFKA_V_KEY(message->key, message->key_len),
            RD_KAFKA_V_VALUE(const_cast<char*>(value->data()), value->size()),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_err2str(code));
      }
      auto* next =
          rd_kafka_topic_partition_list_find(consumed, commands.c_str(), message->partition);
      if (next == nullptr) {
        next = rd_kafka_topic_partition_list_add(consumed, commands.c_str(), message->partition);
      }
      next->offset = message->offset + 1;
    }
    check(rd_kafka_send_offsets_to_transaction(producer, consumed, metadata, 10'000), "offsets");
    rd_kafka_topic_partition_list_destroy(consumed);
    check(rd_kafka_commit_transaction(producer, -1), "commit");
    count += batch.size();
    for (rd_kafka_message_t* message : batch) rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_group_metadata_destroy(metadata);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const bool live = argc == 10 && std::string_view(argv[9]) == "live";
  if (argc != 9 && !live) {
    fmt::print(stderr,
               "usage: bare_kafka BROKERS PREFIX OUTPUTS PARTITIONS EVENT_BYTES RESULT_BYTES BATCH "
               "AHEAD [live]\n");
    return 2;
  }
  const Options options{.brokers = argv[1],
                        .prefix = argv[2],
                        .outputs = argv[3],
                        .partitions = std::atoi(argv[4]),
                        .event_bytes = std::strtoull(argv[5], nullptr, 10),
                        .result_bytes = std::strtoull(argv[6], nullptr, 10),
                        .batch = std::strtoull(argv[7], nullptr, 10),
                        .ahead = argv[8],
                        .live = live};
  if (live) {
    std::vector<int> all(static_cast<std::size_t>(options.partitions));
    std::iota(all.begin(), all.end(), 0);
    run(options, all);
  }
  const auto begin = std::chrono::steady_clock::now();
  std::atomic<std::size_t> count = 0;
  std::vector<std::thread> threads;
  for (int p = 0; p < options.partitions; ++p) {
    threads.emplace_back([&, p] { count += run(options, {p}); });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto cpu = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  fmt::print("{{\"commands\": {}, \"per_s\": {:.0f}, \"cpu_us\": {:.2f}}}\n", count.load(),
             static_cast<double>(count) / seconds.count(),
             (cpu(usage.ru_utime) + cpu(usage.ru_stime)) * 1e6 / static_cast<double>(count));
}
