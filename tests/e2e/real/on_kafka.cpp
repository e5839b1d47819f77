#include "tests/e2e/real/on_kafka.hpp"

#include <chrono>
#include <random>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "adapters/runtime/clock.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/workload.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;

}  // namespace

std::string commands_of(std::uint64_t seed, int count) {
  Workload mix({.seed = seed, .habits = friendly, .now = runtime::system_now()});
  std::string text;
  for (int i = 0; i < count; ++i) text += mix.next().payload.value + "\n";
  return text;
}

std::vector<std::string> outcomes_of(const std::vector<std::string>& results) {
  std::vector<std::string> outcomes;
  for (const auto& result : results) {
    const auto event = json::parse(result).as_object();
    outcomes.push_back(json::serialize(event.at("type")) + json::serialize(event.at("data")));
  }
  return outcomes;
}

OnKafka::OnKafka(Where where)
    : where_(std::move(where)),
      log_(fmt::format("kafka://{}?prefix=e2e-{:08x}", kafka_brokers(), std::random_device{}())) {
  if (where_.store.empty()) where_.store = "sqlite:" + files_.store;
  const Outcome made = run(on_log({"topics", "create", "--partitions",
                                   std::to_string(where_.partitions), "--clock", where_.clock}));
  EXPECT_EQ(made.exit_code, 0) << made;
}

Arguments OnKafka::on_log(Arguments words) const {
  words.insert(words.end(), {"--log", log_});
  return words;
}

Arguments OnKafka::on(const Arguments& words) const {
  Arguments all = on_log(words);
  all.insert(all.end(), {"--store", where_.store});
  return all;
}

std::unique_ptr<Program> OnKafka::start(const Arguments& role) const {
  return std::make_unique<Program>(on(role));
}

std::unique_ptr<Program> OnKafka::start_engine(const std::string& instance) const {
  auto engine = start({"engine", "--instance", instance});
  // Without an engine `apply` would wait for ever.
  if (!engine->wait_for_err("ready", std::chrono::seconds{60})) {
    throw std::runtime_error(engine->err());
  }
  return engine;
}

std::vector<std::string> OnKafka::embedded_outcomes(const std::string& commands) const {
  const Outcome outcome =
      run(embedded_.on({"apply", "--partitions", std::to_string(where_.partitions)}), commands);
  EXPECT_LE(outcome.exit_code, 1) << outcome.err;
  return outcomes_of(outcome.lines());
}

void OnKafka::expect_verified() const {
  const Outcome verified = run(on({"verify"}));
  EXPECT_EQ(verified.exit_code, 0) << verified;
}

}  // namespace pesan::e2e
