// The real program, killed at random moments while commands are in flight, again and again on the
// same files; then a calm run; then everything that stands on the disk is judged by the independent
// auditor. PESAN_SEED replays the commands of a run and the moments of its kills, as far as a
// machine repeats itself.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/runtime/clock.hpp"
#include "tests/e2e/audited_files.hpp"
#include "tests/support/workload.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr int kills_wanted = 48;
constexpr int new_lines_a_round = 150;
constexpr std::size_t most_lines_at_once = 600;
constexpr const char* too_early = "before the first append";

std::uint64_t seed() {
  if (const char* given = std::getenv("PESAN_SEED")) return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

/// How far the work had come, as the files tell.
struct Moment {
  std::int64_t commands = 0, results = 0, events = 0, projected = 0, read_by_registry = 0,
               customer_events = 0, customers_projected = 0;

  explicit Moment(const Files& files) {
    const auto count = [&](const char* topic) {
      return number_of(files.log, fmt::format("SELECT COUNT(*) FROM {}", topic));
    };
    const auto folded = [&](const char* topic) {
      return number_of(files.store,
                       fmt::format("SELECT SUM(next_offset) FROM projection_checkpoint "
                                   "WHERE topic = '{}'",
                                   topic));
    };
    commands = count("commands");
    results = count("results");
    events = count("events");
    customer_events = count("customers");
    projected = folded("events");
    customers_projected = folded("customers");
    read_by_registry =
        number_of(files.log, "SELECT SUM(next_offset) FROM consumed WHERE topic = 'events'");
  }

  /// What was under way. Several things are at once: the program works in stages side by side.
  std::vector<std::string> phases(const Moment& before) const {
    std::vector<std::string> found;
    if (commands == before.commands) found.emplace_back(too_early);
    if (results < commands) found.emplace_back("appended, not decided");
    if (projected < events) found.emplace_back("decided, not projected");
    if (read_by_registry < events) found.emplace_back("decided, not linked to customers");
    if (customers_projected < customer_events) found.emplace_back("linked, not projected");
    if (found.empty()) found.emplace_back("all stored, not all answered");
    return found;
  }
};

/// Commands that a client has to send until each has its answer.
class Client {
 public:
  explicit Client(std::uint64_t seed)
      : mix({.seed = seed, .habits = friendly, .now = runtime::system_now()}) {}

  void want(int lines) {
    for (int i = 0; i < lines; ++i) waiting.push_back(mix.next().payload.value);
  }
  /// Takes what a program printed for the lines that it was given; only whole lines count.
  void take(const std::vector<std::string>& sent, const std::string& printed) {
    const auto results = lines_of(printed.substr(0, printed.rfind('\n') + 1));
    ASSERT_LE(results.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      i < results.size() ? acknowledged.push_back(results[i]) : waiting.push_back(sent[i]);
    }
  }
  std::vector<std::string> some(std::size_t most) {
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(most, waiting.size()));
    std::vector<std::string> lines(waiting.begin(), end);
    waiting.erase(waiting.begin(), end);
    return lines;
  }

  Workload mix;
  std::deque<std::string> waiting;
  std::vector<std::string> acknowledged;  // result lines
};

class Crash : public ::testing::TestWithParam<int> {
 protected:
  struct Running {
    std::vector<std::string> lines;
    std::unique_ptr<Program> program;
  };

  Running start(std::vector<std::string> lines, int number) {
    const std::string file = files_.folder / fmt::format("commands{}", number);
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    write_file(file, text);
    const std::string batch = std::to_string(1 + random_() % 100);
    const auto words =
        files_.on({"apply", "--partitions", std::to_string(GetParam()), "--batch", batch, file});
    return {std::move(lines), std::make_unique<Program>(words)};
  }

  /// One or two programs on the same files; all that still run when the time comes are killed.
  void one_round(Client& client) {
    client.want(new_lines_a_round);
    const Moment before(files_);
    std::vector<Running> all;
    all.push_back(start(client.some(most_lines_at_once), 0));
    if (random_() % 4 == 0) {
      client.want(new_lines_a_round / 3);
      all.push_back(start(client.some(most_lines_at_once), 1));
    }
    const milliseconds delay(random_() % longest_delay_);
    std::this_thread::sleep_for(delay);
    int killed = 0;
    for (auto& [lines, program] : all) {
      const bool alive = program->running();
      if (alive) program->signal(SIGKILL);
      const Outcome outcome = program->wait();
      if (alive && outcome.exit_code == -SIGKILL && outcome.lines().size() < lines.size()) {
        ++killed;
      } else {
        ASSERT_LE(alive ? 0 : outcome.exit_code, 1) << outcome.err;
      }
      client.take(lines, outcome.out);
    }
    if (killed > 0) {
      report(killed, delay, before);
    } else {
      longest_delay_ = std::max<std::uint64_t>(longest_delay_ * 4 / 5, 10);  // a fast machine
    }
  }

  void report(int killed, milliseconds delay, const Moment& before) {
    const Moment after(files_);
    const auto phases = after.phases(before);
    for (const auto& phase : phases) ++phases_[phase];
    const bool idle = after.commands == 0 || (phases.size() == 1 && phases[0] == too_early);
    if (!idle) kills_ += killed;
    if (after.results == before.results) {  // a slow one; how slow is not known at the start
      longest_delay_ = std::min<std::uint64_t>(longest_delay_ * (kills_ == 0 ? 8 : 5) / 4, 3000);
    }
    std::cout << fmt::format(
        "{} after {} ms: {} appended, {} undecided, {} unprojected, "
        "{} unlinked, {} links unprojected\n",
        idle ? "kill before the first append"
             : fmt::format("kill {}{}", kills_, killed > 1 ? " (two)" : ""),
        delay.count(), after.commands - before.commands, after.commands - after.results,
        after.events - after.projected, after.events - after.read_by_registry,
        after.customer_events - after.customers_projected);
  }

  void check_acknowledged(const Client& client) {
    std::set<std::string> stored;
    for (const Row& row : rows_of(files_.log, "SELECT CAST(value AS TEXT) AS v FROM results")) {
      stored.emplace(row.at("v").as_string());
    }
    std::size_t lost = 0;
    for (const auto& line : client.acknowledged) lost += stored.contains(line) ? 0 : 1;
    EXPECT_EQ(lost, 0U) << "results that were printed are not in the log";
  }

  /// Of each command one outcome, and the same one in every answer.
  void check_one_outcome_a_command() {
    std::map<std::string, std::string> first;
    for (const Row& row : rows_of(files_.log, "SELECT CAST(value AS TEXT) AS v FROM results")) {
      json::object data = json::parse(row.at("v").as_string()).at("data").as_object();
      const auto* id = data.at("command").at("id").if_string();
      if (id == nullptr) continue;
      const bool again = data.erase("duplicate") > 0;
      const auto [known, is_new] = first.emplace(*id, json::serialize(data));
      EXPECT_EQ(again, !is_new) << "two outcomes of " << *id;
      EXPECT_EQ(known->second, json::serialize(data));
    }
  }

  Files files_;
  std::mt19937_64 random_;
  std::uint64_t longest_delay_ = 60;  // ms; follows the speed of the machine
  int kills_ = 0;                     // with commands in flight
  std::map<std::string, int> phases_;
};

TEST_P(Crash, KilledAnywhereNothingIsLostOrDoneTwice) {
  const std::uint64_t chosen = seed();
  SCOPED_TRACE(fmt::format("PESAN_SEED={}", chosen));
  std::cout << fmt::format("PESAN_SEED={}\n", chosen);
  random_.seed(chosen);
  Client client(chosen);
  for (int round = 0; kills_ < kills_wanted && round < 4 * kills_wanted; ++round) {
    one_round(client);
    if (HasFatalFailure()) return;
    // Rows are the fold of the log at any moment, also right after a kill; who was killed before
    // the first append may not have made them yet.
    if (round % 10 == 9 && kills_ > 0) {
      const Outcome verified = run(files_.on({"verify"}));
      ASSERT_EQ(verified.exit_code, 0) << verified;
    }
  }
  for (const auto& [phase, times] : phases_) std::cout << fmt::format("{:3} x {}\n", times, phase);
  ASSERT_GE(kills_, kills_wanted) << "too few kills hit commands in flight";

  EXPECT_GE(phases_.size(), 3U) << "the kills hit the same moment again and again";

  const auto rest = client.some(client.waiting.size());
  Running calm = start(rest, 0);
  const Outcome outcome = calm.program->wait();
  EXPECT_LE(outcome.exit_code, 1) << outcome.err;
  client.take(calm.lines, outcome.out);
  EXPECT_TRUE(client.waiting.empty());

  check_acknowledged(client);
  check_one_outcome_a_command();
  const Outcome verified = run(files_.on({"verify"}));
  EXPECT_EQ(verified.exit_code, 0) << verified;
  const AuditReport report = audit_files(files_, GetParam());
  for (const auto& difference : report.differences) ADD_FAILURE() << difference;
  std::cout << fmt::format(
      "{} commands appended, {} answered, {} events, {} rows: all as the "
      "auditor says\n",
      report.commands, client.acknowledged.size(), report.events, report.rows);
  EXPECT_GT(report.events, 1000U);
}

TEST(CrashAudit, NoticesAWrongRowAndALostOutcome) {
  const Files files;
  Workload mix({.seed = 1, .habits = friendly, .now = runtime::system_now()});
  std::string text;
  for (int i = 0; i < 300; ++i) text += mix.next().payload.value + "\n";
  run(files.on({"apply"}), text);
  // The last outcome is a result alone, and a row of its own.
  run(files.on({"apply"}),
      Line{.id = "last", .type = "OpenSchedule", .resource = "nowhere"}.text() + "\n");
  const auto differences = [&] { return audit_files(files, 1).differences.size(); };
  EXPECT_EQ(differences(), 0U);
  change_file(files.store,
              "UPDATE booking SET units = units + 1 WHERE booking_id = (SELECT MIN(booking_id) "
              "FROM booking)");
  EXPECT_EQ(differences(), 1U);
  change_file(files.store, "UPDATE customer SET bookings = bookings - 1 WHERE code = 'CS-000002'");
  EXPECT_EQ(differences(), 2U);
  change_file(files.log, "DELETE FROM results WHERE record_id = 300");
  EXPECT_EQ(differences(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Partitions, Crash, ::testing::Values(1, 3));

}  // namespace
}  // namespace pesan::e2e
