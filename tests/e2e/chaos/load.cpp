#include "tests/e2e/chaos/load.hpp"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "adapters/runtime/clock.hpp"
#include "tests/e2e/chaos/servers.hpp"
#include "tests/e2e/chaos/topics.hpp"
#include "tests/support/auditor/partitioner.hpp"

namespace pesan::chaos {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds tick{10};
constexpr std::chrono::seconds patience{60};

}  // namespace

Load::Load(Options options) : options_(std::move(options)), random_(options_.seed) {
  for (int house = 0; house < options_.houses; ++house) {
    houses_.emplace_back(WorkloadOptions{.seed = random_.next(),
                                         .habits = friendly,
                                         .house = fmt::format("-{}", house),
                                         .now = runtime::system_now()});
  }
  kafka::ConfHandle conf(rd_kafka_conf_new());
  const std::array<std::pair<const char*, std::string>, 8> settings{{
      {"bootstrap.servers", options_.brokers},
      {"enable.idempotence", "false"},
      {"acks", "all"},
      {"linger.ms", "5"},
      {"message.timeout.ms", "10000"},
      {"request.timeout.ms", "4000"},
      {"socket.timeout.ms", "5000"},
      {"log_level", "2"},
  }};
  std::array<char, 256> problem{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name, value.c_str(), problem.data(), problem.size()) !=
        RD_KAFKA_CONF_OK) {
      throw Broken{problem.data()};
    }
  }
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), problem.data(), problem.size()));
  if (producer_ == nullptr) throw Broken{problem.data()};
  conf.release();  // NOLINT: rd_kafka_new has taken it over
  const auto name = topic_name(options_.prefix, Topic::commands);
  topic_.reset(rd_kafka_topic_new(producer_.get(), name.c_str(), nullptr));
  thread_ = std::thread([this] { run(); });
}

Load::~Load() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

bool Load::finish() {
  stopping_ = true;
  thread_.join();
  return settled_;
}

void Load::run() {
  const auto begun = Clock::now();
  while (!stopping_) {
    const auto due =
        std::chrono::duration<double>(Clock::now() - begun).count() * options_.per_second;
    while (sent_ < static_cast<int>(due) && !stopping_) send_next();
    rd_kafka_poll(producer_.get(), static_cast<int>(tick.count()));
    for (const std::size_t index : std::exchange(failed_, {})) send(index);
  }
  const auto deadline = Clock::now() + patience;
  while ((open_ > 0 || !failed_.empty()) && Clock::now() < deadline) {
    rd_kafka_poll(producer_.get(), static_cast<int>(tick.count()));
    for (const std::size_t index : std::exchange(failed_, {})) send(index);
  }
  settled_ = open_ == 0 && failed_.empty();
}

void Load::send_next() {
  ++sent_;
  if (!all_.empty() && random_.one_in(15)) {  // what a client does that lost its answer
    ++twice_;
    const std::size_t recent =
        random_.one_in(2) ? std::min<std::size_t>(all_.size(), 50) : all_.size();
    all_.push_back(all_[all_.size() - 1 - random_.below(recent)]);
    return send(all_.size() - 1);
  }
  SentCommand command = houses_[random_.below(houses_.size())].next();
  Sent next;
  next.value = std::move(command.payload.value);
  next.partition = static_cast<std::int32_t>(random_.between(0, options_.partitions - 1));
  next.key = std::move(command.resource);
  if (next.key.empty()) {
    ++broken_;
  } else {
    const auto home = audit::partition_of(next.key, options_.partitions);
    if (random_.one_in(25)) {
      misplaced_ += next.partition == home ? 0 : 1;
    } else {
      next.partition = home;
    }
  }
  all_.push_back(std::move(next));
  send(all_.size() - 1);
}

void Load::send(std::size_t index) {
  Sent& what = all_[index];
  const int refused =
      rd_kafka_produce(topic_.get(), what.partition, RD_KAFKA_MSG_F_COPY, what.value.data(),
                       what.value.size(), what.key.empty() ? nullptr : what.key.data(),
                       what.key.size(), reinterpret_cast<void*>(index));
  if (refused != 0) {
    failed_.push_back(index);
    return;
  }
  ++open_;
}

void Load::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  Load& load = *static_cast<Load*>(opaque);
  const auto index = reinterpret_cast<std::size_t>(message->_private);
  --load.open_;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++load.again_;
    load.failed_.push_back(index);
    return;
  }
  load.acknowledged_[{message->partition, message->offset}] = load.all_[index].value;
}

}  // namespace pesan::chaos
