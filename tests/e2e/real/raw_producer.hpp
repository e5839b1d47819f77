// Records as a client of any kind can write them, and not as pesan would: any bytes, key, headers,
// compression and timestamp. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace pesan::e2e {

struct RawRecord {
  std::int32_t partition = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int64_t timestamp_ms = 0;  // 0: now
};

class RawProducer {
 public:
  /// `compression`: none, gzip, snappy, lz4 or zstd. What is sent before a `flush` waits for it,
  /// however slow the machine, and goes in batches of so many bytes before compression, a larger
  /// record in one of its own.
  RawProducer(const std::string& brokers, const std::string& topic, const char* compression,
              std::size_t batch_bytes = 2'000'000) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const std::pair<const char*, std::string> settings[] = {
        {"bootstrap.servers", brokers},     {"compression.codec", compression},
        {"message.max.bytes", "200000000"}, {"batch.size", std::to_string(batch_bytes)},
        {"batch.num.messages", "100000"},   {"linger.ms", "120000"},
        {"message.timeout.ms", "180000"},   {"queue.buffering.max.kbytes", "2000000"}};
    std::array<char, 512> problem{};
    for (const auto& [name, value] : settings) {
      if (rd_kafka_conf_set(conf, name, value.c_str(), problem.data(), problem.size()) !=
          RD_KAFKA_CONF_OK) {
        throw std::runtime_error(problem.data());
      }
    }
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* sent, void* self) {
      if (sent->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++static_cast<RawProducer*>(self)->written_;
    });
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem.data(), problem.size());
    if (client_ == nullptr) throw std::runtime_error(problem.data());
    topic_ = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
  }
  RawProducer(const RawProducer&) = delete;
  RawProducer& operator=(const RawProducer&) = delete;
  ~RawProducer() {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(client_);
  }

  void send(const RawRecord& record) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                          value ? value->data() : nullptr,
                          value ? static_cast<ssize_t>(value->size()) : 0);
    }
    const auto bytes = [](const std::optional<std::string>& text) {
      return std::pair(text ? const_cast<char*>(text->data()) : nullptr, text ? text->size() : 0);
    };
    const auto [value, value_size] = bytes(record.value);
    const auto [key, key_size] = bytes(record.key);
    const auto refused = rd_kafka_producev(
        client_, RD_KAFKA_V_RKT(topic_), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_VALUE(value, value_size), RD_KAFKA_V_KEY(key, key_size),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(record.timestamp_ms),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  }
  /// How many records the broker has taken since the last call.
  int flush() {
    constexpr int a_minute = 60'000;
    rd_kafka_flush(client_, a_minute);
    return std::exchange(written_, 0);
  }

 private:
  rd_kafka_t* client_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  int written_ = 0;
};

}  // namespace pesan::e2e
