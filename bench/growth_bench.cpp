// Does a command cost more when more bookings are held? The whole pipeline - engine, registry,
// projector over SQLite files - decides the same kind of commands with 10 thousand and with a
// million bookings held, in one thread, and says what a command took each time.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "bench/must.hpp"
#include "bench/workload.hpp"
#include "engine/engine.hpp"
#include "engine/registry.hpp"
#include "events/event_codec.hpp"
#include "projections/projector.hpp"

namespace {

using namespace pesan;
using bench::must;

class Pipeline {
 public:
  explicit Pipeline(const std::filesystem::path& folder) {
    const auto log_path = (folder / "log.db").string();
    OutgoingRecord opened;
    opened.to = {Topic::events, Partition{0}};
    append_event(opened.payload.value, {.log_id = "growth",
                                        .sequence = {},
                                        .time = {},
                                        .what = LogOpened{.log_id = "growth",
                                                          .partition = 0,
                                                          .partitions = 1,
                                                          .partitioner = "murmur2",
                                                          .clock = Clock::command,
                                                          .format = 1}});
    must(SqliteLog::create(
        {.path = log_path,
         .info = {.log_id = "growth", .partitions = 1, .clock = Clock::command, .format = 1}},
        {opened}));
    log_ = must(SqliteLog::open({.path = log_path}));
    store_ = must(SqliteReadModel::open(
        {.path = (folder / "read.db").string(), .access = ReadModelOptions::Access::create}));
    engine_ = must(Engine::start(
        *log_, {.recovery = {.partition = {}}, .batch = batch_size, .wall_clock = system_now}));
    registry_ = must(Registry::start(*log_, {.batch = batch_size, .linked = nullptr}));
    const ReadLimit limit{.records = batch_size, .bytes = std::size_t{8} << 20, .wait = {}};
    for (const Topic topic : {Topic::events, Topic::customers}) {
      projectors_.push_back(
          std::make_unique<Projector>(*log_, *store_, TopicPartition{topic, {}}, limit));
    }
  }

  void run(const std::vector<std::string>& commands) {
    for (std::size_t i = 0; i < commands.size(); i += batch_size) {
      std::vector<OutgoingRecord> records;
      for (std::size_t c = i; c < std::min(commands.size(), i + batch_size); ++c) {
        auto& record = records.emplace_back();
        record.to = {Topic::commands, Partition{0}};
        record.payload.value = commands[c];
      }
      must(log_->append(records));
      while (must(engine_->step({})) > 0) {
      }
      while (must(registry_->step({})) > 0) {
      }
      for (auto& projector : projectors_) {
        while (must(projector->step()).records > 0) {
        }
      }
    }
  }
  std::size_t bookings() const { return engine_->processor().state().bookings().size(); }

 private:
  static constexpr std::size_t batch_size = 2000;

  std::unique_ptr<SqliteLog> log_;
  std::unique_ptr<SqliteReadModel> store_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Registry> registry_;
  std::vector<std::unique_ptr<Projector>> projectors_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: growth_bench FOLDER\n");
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  // About one command in 4.6 creates a booking. Three windows of equal length: the first one fills
  // to ten thousand bookings, the second is measured, and so again around a million.
  constexpr std::int64_t window = 40'000;
  constexpr std::size_t many = 4'700'000;
  const bench::Workload workload({.rooms = 1000, .commands = many + window, .open_bookings = 2000});
  Pipeline pipeline(argv[1]);
  std::size_t next = 0;
  const auto run = [&](std::size_t commands) {
    std::vector<std::string> records;
    const std::size_t end = std::min(next + commands, workload.commands().size());
    for (; next < end; ++next) records.push_back(workload.record(next));
    const auto start = std::chrono::steady_clock::now();
    pipeline.run(records);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return seconds.count() * 1e6 / static_cast<double>(records.size());
  };
  run(47'000);
  const auto few_bookings = pipeline.bookings();
  const double few = run(window);
  while (pipeline.bookings() < 1'000'000 && next < many) {
    run(20'000);
  }
  const auto many_bookings = pipeline.bookings();
  const double cost = run(window);
  fmt::print(
      "{{\"bookings\": [{}, {}], \"us_per_command\": [{:.2f}, {:.2f}], \"ratio\": {:.2f}}}\n",
      few_bookings, many_bookings, few, cost, cost / few);
}
