// Does a command cost more when more bookings are held? The whole pipeline - engine, registry,
// projector over SQLite files - decides the same kind of commands with 10 thousand and with a
// million bookings held, in one thread, and says what a command took each time. Both take turns, so
// that a machine that is slow for a while is slow for both.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "bench/must.hpp"
#include "bench/workload.hpp"
#include "engine/registry.hpp"
#include "events/event_codec.hpp"
#include "projections/projector.hpp"
#include "tests/support/lone_engine.hpp"

namespace {

using namespace pesan;
using bench::must;

class Pipeline {
 public:
  explicit Pipeline(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
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
    engine_ = must(LoneEngine::start(
        *log_, {.recovery = {.partition = {}}, .batch = batch_size, .wall_clock = system_now}));
    registry_ = must(Registry::start(*log_, {.batch = batch_size, .linked = nullptr}));
    const ReadLimit limit{.records = batch_size, .bytes = std::size_t{8} << 20};
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
      while (must(engine_->step()) > 0) {
      }
      while (must(registry_->step()) > 0) {
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
  std::unique_ptr<LoneEngine> engine_;
  std::unique_ptr<Registry> registry_;
  std::vector<std::unique_ptr<Projector>> projectors_;
};

/// A pipeline and how far it is in the workload, which is the same for all.
class GrownLog {
 public:
  GrownLog(const bench::Workload& workload, const std::filesystem::path& folder)
      : workload_(workload), pipeline_(folder) {}

  /// Microseconds a command.
  double run(std::size_t commands) {
    std::vector<std::string> records;
    const std::size_t end = std::min(next_ + commands, workload_.commands().size());
    for (; next_ < end; ++next_) records.push_back(workload_.record(next_));
    const auto start = std::chrono::steady_clock::now();
    pipeline_.run(records);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return seconds.count() * 1e6 / static_cast<double>(records.size());
  }
  void grow_to(std::size_t bookings) {
    while (pipeline_.bookings() < bookings && next_ < workload_.commands().size()) run(2'000);
  }
  std::size_t bookings() const { return pipeline_.bookings(); }

 private:
  const bench::Workload& workload_;
  Pipeline pipeline_;
  std::size_t next_ = 0;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: growth_bench FOLDER\n");
    return 2;
  }
  constexpr int turns = 15;
  constexpr std::size_t turn = 4'000;  // two batches; about one command in 4.6 creates a booking
  const bench::Workload workload({.rooms = 1000, .commands = 4'800'000, .open_bookings = 2000});
  const std::filesystem::path folder = argv[1];
  GrownLog many(workload, folder / "many");
  GrownLog few(workload, folder / "few");
  many.grow_to(1'000'000);
  few.grow_to(10'000);
  const std::size_t few_held = few.bookings();
  const std::size_t many_held = many.bookings();
  std::vector<double> few_costs, many_costs;
  for (int i = 0; i < turns; ++i) {
    few_costs.push_back(few.run(turn));
    many_costs.push_back(many.run(turn));
  }
  fmt::print(
      "{{\"bookings\": [{}, {}], \"us_per_command\": [{:.2f}, {:.2f}], \"ratio\": {:.2f}}}\n",
      few_held, many_held, median(few_costs), median(many_costs),
      median(many_costs) / median(few_costs));
}
