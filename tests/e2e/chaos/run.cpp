#include "tests/e2e/chaos/run.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "tests/e2e/chaos/audit.hpp"
#include "tests/e2e/chaos/load.hpp"
#include "tests/e2e/stored.hpp"

namespace pesan::chaos {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::int32_t partitions = 4;
constexpr milliseconds tick{20};

/// The proxy asks it no more, once it goes.
class Forgotten {
 public:
  explicit Forgotten(std::atomic<Nemesis*>& nemesis) : nemesis_(nemesis) {}
  Forgotten(const Forgotten&) = delete;
  Forgotten& operator=(const Forgotten&) = delete;
  ~Forgotten() { nemesis_ = nullptr; }

 private:
  std::atomic<Nemesis*>& nemesis_;
};

/// One process may run several canaries, each with a log and a database of its own: what one has
/// broken is not to be found again by the next.
int runs = 0;

class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        servers_(options.stack),
        number_(++runs),
        prefix_(fmt::format("chaos-{}-{}-{}", options.seed, ::getpid(), number_)),
        database_(fmt::format("chaos_{}_{}_{}", options.seed, ::getpid(), number_)),
        proxy_(servers_.database(), [this](std::string_view command) {
          Nemesis* nemesis = nemesis_;
          return nemesis == nullptr ? MysqlProxy::Verdict::pass : nemesis->on_command(command);
        }) {
    report_.folder = fmt::format("{}/build/chaos/{}", PESAN_SOURCE_DIR, prefix_);
    std::filesystem::create_directories(report_.folder);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Report run() {
    make_the_log();
    Members members({.program = options_.program,
                     .environment = options_.environment,
                     .places = places(proxy_.url()),
                     .folder = report_.folder});
    Nemesis nemesis({.seed = options_.seed,
                     .weights = options_.weights,
                     .victims = options_.victims,
                     .points = options_.points,
                     .program = options_.program,
                     .environment = options_.environment,
                     .places = places(proxy_.url()),
                     .folder = report_.folder},
                    members, servers_);
    nemesis_ = &nemesis;
    const Forgotten at_the_end(nemesis_);
    const auto add = [&](const char* role, bool is_static) {
      members.add(role, is_static || options_.all_static);
    };
    for (const bool is_static : {false, true, false}) add("engine", is_static);
    for (const bool is_static : {false, true}) add("registry", is_static);
    for (const bool is_static : {false, true}) add("projector", is_static);
    Load load({.brokers = servers_.brokers(),
               .prefix = prefix_,
               .partitions = partitions,
               .seed = options_.seed,
               .per_second = options_.per_second});
    const auto begun = Clock::now();
    const auto found = [&] { return !members.findings().empty() || !nemesis.findings().empty(); };
    while (Clock::now() < begun + options_.length && !found()) {
      nemesis.act(Clock::now());
      std::this_thread::sleep_for(tick);
    }
    report_.counts["seconds of faults"] = seconds_since(begun);
    load.stop();
    nemesis.calm();
    report_.counts["seconds until all servers answer"] = seconds_since(begun);
    if (!load.finish()) note("the brokers do not acknowledge what was sent in all the calm");
    come_to_rest(members, found);
    report_.counts["seconds until all is at rest"] = seconds_since(begun);
    members.end();
    for (const auto& finding : members.findings()) note(finding);
    for (const auto& finding : nemesis.findings()) note(finding);
    judge(load);
    tell(load, members, nemesis);
    report_.counts["seconds in all"] = seconds_since(begun);
    return std::move(report_);
  }

 private:
  static int seconds_since(Clock::time_point begun) {
    return static_cast<int>((Clock::now() - begun) / std::chrono::seconds{1});
  }
  void note(const std::string& finding) { report_.findings.push_back(finding); }
  std::string log() const {
    return fmt::format("kafka://{}?prefix={}", servers_.brokers(), prefix_);
  }
  std::string store() const { return servers_.database() + "/" + database_; }
  Arguments places(const std::string& database_server) const {
    return {"--log", log(), "--store", database_server + "/" + database_};
  }

  /// Brokers that were hurt a moment ago may ask for patience.
  void make_the_log() const {
    const auto must = [](const Arguments& words) {
      Outcome outcome;
      for (int attempt = 0; attempt < 6; ++attempt) {
        outcome = pesan::run(words);
        if (outcome.exit_code == 0) return;
      }
      throw Broken{outcome.err};
    };
    must({"topics", "create", "--partitions", std::to_string(partitions), "--log", log()});
    must({"migrate", "--store", store()});
  }

  void come_to_rest(Members& members, const std::function<bool()>& found) {
    Topics topics = read_topics();
    const auto deadline = Clock::now() + options_.calm;
    std::vector<std::string> left;
    do {
      std::this_thread::sleep_for(milliseconds{300});
      members.look(Clock::now());
      topics.read_on();
      left = unsettled(topics, store());
    } while (!left.empty() && Clock::now() < deadline && !found());
    if (found()) return;  // which explains it
    for (const auto& sentence : left) note("in the calm: " + sentence);
  }

  Topics read_topics() const {
    return Topics({.brokers = servers_.brokers(), .prefix = prefix_, .partitions = partitions});
  }

  void judge(const Load& load) {
    Topics topics = read_topics();
    topics.read_on();
    report_.outcomes = outcomes(topics);
    if (!report_.findings.empty()) return;  // what is not there is not wrong in more ways
    for (const auto& finding : audit(topics, store(), load.acknowledged())) note(finding);
    const Outcome verified = pesan::run({"verify", "--log", log(), "--store", store()});
    if (verified.exit_code == 0) return;
    note(fmt::format("pesan verify: {}{}", verified.out, verified.err));
  }

  void tell(const Load& load, const Members& members, const Nemesis& nemesis) {
    report_.story = nemesis.story();
    report_.faults = nemesis.tally();
    auto& counts = report_.counts;
    counts["commands sent"] = load.sent();
    counts["commands acknowledged"] = static_cast<int>(load.acknowledged().size());
    counts["commands sent again after an error"] = load.again();
    counts["commands sent twice on purpose"] = load.twice();
    counts["commands sent to a wrong partition"] = load.misplaced();
    counts["commands that cannot be read"] = load.broken();
    counts["processes that ended by themselves"] = members.ended_by_themselves();
    counts["rebuilds that ended well"] = nemesis.rebuilds_done();
    counts["verifications amid faults"] = nemesis.verifies_done();
  }

  const RunOptions& options_;
  Servers servers_;
  int number_;
  std::string prefix_;
  std::string database_;
  std::atomic<Nemesis*> nemesis_ = nullptr;
  MysqlProxy proxy_;
  Report report_;
};

}  // namespace

Report run(const RunOptions& options) {
  Report report = Run(options).run();
  std::string story;
  for (const auto& line : report.story) story += line + "\n";
  e2e::write_file(report.folder + "/story", story);
  e2e::write_file(report.folder + "/report", describe(options, report));
  if (report.findings.empty() && !options.keep) std::filesystem::remove_all(report.folder);
  return report;
}

std::string describe(const RunOptions& options, const Report& report) {
  std::string text;
  const auto line = [&](int count, std::string_view what) {
    text += fmt::format("{:>8}  {}\n", count, what);
  };
  for (const auto& [fault, count] : report.faults) {
    line(count, fmt::format("fault: {}", name_of(fault)));
  }
  for (const auto& [word, count] : report.outcomes) line(count, "outcome: " + word);
  for (const auto& [what, count] : report.counts) line(count, what);
  if (report.findings.empty()) return text + fmt::format("seed {}: nothing wrong\n", options.seed);
  text += "what happened:\n";
  for (const auto& happened : report.story) text += happened + "\n";
  text += fmt::format("seed {}: WRONG; what the processes wrote is in {}\n", options.seed,
                      report.folder);
  for (const auto& finding : report.findings) text += "- " + finding + "\n";
  return text;
}

}  // namespace pesan::chaos
