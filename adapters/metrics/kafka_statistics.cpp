#include "adapters/metrics/kafka_statistics.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "adapters/metrics/families.hpp"

namespace pesan::metrics {
namespace {

namespace json = boost::json;

/// A client that said nothing for so long has gone.
constexpr std::int64_t gone_after_ms = 60 * ms_per_minute;
/// What it said last of its queues is of now for so long.
constexpr std::int64_t fresh_ms = ms_per_minute;

std::int64_t number(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  const auto* value = found == nullptr ? nullptr : found->if_int64();
  return value == nullptr ? 0 : *value;
}

std::string text(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  const auto* value = found == nullptr ? nullptr : found->if_string();
  return value == nullptr ? std::string() : std::string(*value);
}

/// Calls `each(name, object)` for the objects below a name.
template <class Each>
void for_each(const json::object& object, std::string_view name, Each each) {
  const auto* found = object.if_contains(name);
  const auto* members = found == nullptr ? nullptr : found->if_object();
  if (members == nullptr) return;
  for (const auto& member : *members) {
    if (const auto* value = member.value().if_object()) each(member.key(), *value);
  }
}

}  // namespace

KafkaStatistics::Traffic& KafkaStatistics::Traffic::operator+=(const Traffic& other) {
  requests += other.requests;
  sent_bytes += other.sent_bytes;
  received_bytes += other.received_bytes;
  sent_messages += other.sent_messages;
  received_messages += other.received_messages;
  return *this;
}

KafkaStatistics::Traffic KafkaStatistics::Traffic::since(const Traffic& before) const {
  return {.requests = requests - before.requests,
          .sent_bytes = sent_bytes - before.sent_bytes,
          .received_bytes = received_bytes - before.received_bytes,
          .sent_messages = sent_messages - before.sent_messages,
          .received_messages = received_messages - before.received_messages};
}

KafkaStatistics::Client KafkaStatistics::read(const json::object& all) {
  Client client;
  client.type = text(all, "type");
  client.traffic = {.requests = number(all, "tx"),
                    .sent_bytes = number(all, "tx_bytes"),
                    .received_bytes = number(all, "rx_bytes"),
                    .sent_messages = number(all, "txmsgs"),
                    .received_messages = number(all, "rxmsgs")};
  client.waiting = {.messages = number(all, "msg_cnt"), .bytes = number(all, "msg_size")};
  for_each(all, "topics", [&](std::string_view topic, const json::object& of) {
    for_each(of, "partitions", [&](std::string_view, const json::object& partition) {
      client.fetched.messages += number(partition, "fetchq_cnt");
      client.fetched.bytes += number(partition, "fetchq_size");
      // Its consumer_lag is of stored offsets, and pesan stores none.
      const bool reads = text(partition, "fetch_state") == "active";
      const auto reached = number(partition, "app_offset");
      const auto end = number(partition, "ls_offset");
      if (reads && reached > 0 && end >= 0) {
        client.lags.emplace(Place{topic, number(partition, "partition")},
                            std::max<std::int64_t>(end - reached, 0));
      }
    });
  });
  return client;
}

void KafkaStatistics::note(std::string_view text_of_all, Instant now) {
  boost::system::error_code error;
  const auto value = json::parse(text_of_all, error);
  const auto* all = error ? nullptr : value.if_object();
  if (all == nullptr) return;
  Client client = read(*all);
  client.heard = now;

  const std::lock_guard lock(mutex_);
  std::erase_if(clients_,
                [&](const auto& c) { return now.ms - c.second.heard.ms > gone_after_ms; });
  Client& known = clients_[text(*all, "name")];
  traffic_[client.type] += client.traffic.since(known.traffic);
  known = std::move(client);
  for_each(*all, "brokers", [&](std::string_view, const json::object& broker) {
    const auto id = number(broker, "nodeid");
    const auto* found = broker.if_contains("rtt");
    const auto* rtt = found == nullptr ? nullptr : found->if_object();
    if (id < 0 || rtt == nullptr) return;  // an address that no broker has answered at yet
    Round& round = rounds_[id];
    round.seconds += static_cast<double>(number(*rtt, "sum")) / 1e6;
    round.count += static_cast<std::uint64_t>(number(*rtt, "cnt"));
  });
}

std::vector<prometheus::MetricFamily> KafkaStatistics::collect(Instant now) const {
  const std::lock_guard lock(mutex_);
  if (traffic_.empty()) return {};
  auto requests = counter({"pesan_kafka_requests_total", "Requests sent to brokers."});
  auto sent = counter({"pesan_kafka_sent_bytes_total", "Bytes sent to brokers."});
  auto received = counter({"pesan_kafka_received_bytes_total", "Bytes received from brokers."});
  auto produced = counter({"pesan_kafka_sent_messages_total", "Messages sent to brokers."});
  auto fetched = counter({"pesan_kafka_received_messages_total", "Messages fetched from brokers."});
  for (const auto& [type, traffic] : traffic_) {
    const Labels labels{{"client", type}};
    requests.add(labels, static_cast<double>(traffic.requests));
    sent.add(labels, static_cast<double>(traffic.sent_bytes));
    received.add(labels, static_cast<double>(traffic.received_bytes));
    produced.add(labels, static_cast<double>(traffic.sent_messages));
    fetched.add(labels, static_cast<double>(traffic.received_messages));
  }
  auto rtt =
      summary({"pesan_kafka_broker_rtt_seconds", "From a request to its answer, by broker."});
  for (const auto& [id, round] : rounds_) {
    rtt.add_sum({{"broker", std::to_string(id)}}, round.seconds, round.count);
  }

  Queues waiting;
  Queues taken;
  std::map<Place, std::int64_t> lags;
  for (const auto& [name, client] : clients_) {
    if (now.ms - client.heard.ms > fresh_ms) continue;
    waiting.messages += client.waiting.messages;
    waiting.bytes += client.waiting.bytes;
    taken.messages += client.fetched.messages;
    taken.bytes += client.fetched.bytes;
    for (const auto& [place, lag] : client.lags) {
      auto& largest = lags[place];
      largest = std::max(largest, lag);
    }
  }
  auto messages = gauge({"pesan_kafka_queue_messages",
                         "Messages that wait in this process: to be sent, or fetched and not "
                         "read."});
  messages.add({{"queue", "send"}}, static_cast<double>(waiting.messages));
  messages.add({{"queue", "fetched"}}, static_cast<double>(taken.messages));
  auto bytes = gauge({"pesan_kafka_queue_bytes", "Bytes of the messages that wait."});
  bytes.add({{"queue", "send"}}, static_cast<double>(waiting.bytes));
  bytes.add({{"queue", "fetched"}}, static_cast<double>(taken.bytes));
  auto lag = gauge({"pesan_kafka_consumer_lag",
                    "Offsets between what a reader of this process has read and the end of its "
                    "partition, the largest where several read it; markers of transactions "
                    "count, so that 1 is caught up too."});
  for (const auto& [place, largest] : lags) {
    lag.add({{"topic", place.first}, {"partition", std::to_string(place.second)}},
            static_cast<double>(largest));
  }
  std::vector<prometheus::MetricFamily> all;
  for (Family* family :
       {&requests, &sent, &received, &produced, &fetched, &rtt, &messages, &bytes, &lag}) {
    all.push_back(family->take());
  }
  return all;
}

}  // namespace pesan::metrics
