#include "tests/e2e/chaos/audit.hpp"

#include <functional>
#include <memory>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "adapters/mysql/mysql_read_model.hpp"
#include "tests/e2e/chaos/servers.hpp"
#include "tests/e2e/stored.hpp"
#include "tests/support/judges/evidence.hpp"

namespace pesan::chaos {
namespace {

using judges::Evidence;
using judges::Violation;

std::unique_ptr<MysqlReadModel> open(const std::string& store) {
  const auto address = mysql::parse_address(store);
  if (!address) throw Broken{address.error().what};
  auto model =
      MysqlReadModel::open({.address = *address, .password = {}}, MysqlReadModel::Access::read);
  if (!model) throw judges::Violation{"the tables cannot be read: " + model.error().what};
  return *std::move(model);
}

template <class T>
T must(Fallible<T> fallible) {
  if (!fallible) throw judges::Violation{"it cannot be read: " + fallible.error().what};
  return *std::move(fallible);
}

/// The records as a log in memory; its offsets are not theirs, and only commands' offsets matter.
void copy(const Topics& topics, MemoryLog& log) {
  const auto copy_topic = [&](Topic topic, std::int32_t partitions) {
    std::vector<OutgoingRecord> records;
    for (std::int32_t p = 0; p < partitions; ++p) {
      for (const Record& record : topics.of(topic, p)) {
        records.push_back({.to = {topic, Partition{p}}, .payload = record.payload});
      }
    }
    must(log.append(records));
  };
  copy_topic(Topic::events, topics.partitions());
  copy_topic(Topic::results, topics.partitions());
  copy_topic(Topic::customers, 1);
  copy_topic(Topic::dead_letters, 1);
}

MemoryReadModel::OwnedValue owned(const StoredValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  return std::monostate{};
}

void copy(ReadModel& store, MemoryReadModel& into) {
  const auto snapshot = must(store.snapshot());
  for (const Table table : all_tables) {
    const auto cursor = must(snapshot->scan(table));
    StoredRow row;
    while (must(cursor->next(row))) {
      MemoryReadModel::OwnedRow whole;
      for (const StoredValue& value : row) whole.push_back(owned(value));
      into.put_row(table, std::move(whole));
    }
  }
}

std::optional<std::string> missing(const Topics& topics, const Acknowledged& acknowledged) {
  for (std::int32_t p = 0; p < topics.partitions(); ++p) {
    std::map<std::int64_t, const std::string*> there;
    for (const Record& record : topics.of(Topic::commands, p)) {
      there[record.offset.value] = &record.payload.value;
    }
    for (const auto& [place, value] : acknowledged) {
      if (place.first != p) continue;
      const auto found = there.find(place.second);
      if (found != there.end() && *found->second == value) continue;
      return fmt::format("command {}-{} was acknowledged and is not there: {}", p, place.second,
                         value);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> audit(const Topics& topics, const std::string& store,
                               const Acknowledged& acknowledged) {
  const std::int32_t partitions = topics.partitions();
  const auto count = static_cast<std::size_t>(partitions);
  MemoryLog log({.partitions = partitions, .clock = [] { return Instant{}; }});
  copy(topics, log);
  MemoryReadModel model;
  Evidence evidence{.log = log,
                    .model = model,
                    .partitions = partitions,
                    .remember = 1'000'000,
                    .commands = {},
                    .parked = std::vector<std::set<Offset>>(count),
                    .backfill_ended_at = std::vector<std::optional<Offset>>(count)};
  for (std::int32_t p = 0; p < partitions; ++p) {
    evidence.commands.push_back(topics.of(Topic::commands, p));
  }

  std::vector<std::string> findings;
  const auto ask = [&](const std::function<void()>& judge) {
    try {
      judge();
    } catch (const Violation& violation) {
      findings.push_back(violation.what);
    }
  };
  if (auto lost = missing(topics, acknowledged)) findings.push_back(*lost);
  std::optional<audit::Model> decided;
  ask([&] { judge_events(evidence); });
  ask([&] { decided = judge_results(evidence); });
  if (!decided) return findings;
  ask([&] { copy(*open(store), model); });
  if (!findings.empty()) return findings;
  ask([&] { judge_rows(evidence, *decided); });
  ask([&] { judge_customers(evidence, *decided); });
  return findings;
}

std::vector<std::string> unsettled(const Topics& topics, const std::string& store) try {
  std::vector<std::string> left;
  const auto model = open(store);
  std::size_t created = 0;
  const auto look_at_rows = [&](Topic topic, std::int32_t p) {
    const auto& records = topics.of(topic, p);
    if (records.empty()) return;
    const auto checkpoint = must(model->checkpoint({topic, Partition{p}}));
    const std::string last = judges::text_in(judges::parsed(records.back()), "sequence");
    const std::string shown =
        checkpoint ? fmt::format("{:020}", checkpoint->sequence.value) : "nothing";
    if (shown == last) return;
    left.push_back(
        fmt::format("the tables show {}-{} up to {} of {}", name_of(topic), p, shown, last));
  };
  for (std::int32_t p = 0; p < topics.partitions(); ++p) {
    const auto commands = topics.of(Topic::commands, p).size();
    const auto results = topics.of(Topic::results, p).size();
    if (results > commands) {
      left.push_back(
          fmt::format("partition {} has {} commands and more results, {}: some were "
                      "answered twice",
                      p, commands, results));
    } else if (results < commands) {
      left.push_back(
          fmt::format("partition {} has {} commands and {} results", p, commands, results));
    }
    for (const Record& record : topics.of(Topic::events, p)) {
      created += record.payload.value.contains(R"("type":"BookingCreated")") ? 1 : 0;
    }
    look_at_rows(Topic::events, p);
  }
  std::size_t linked = 0;
  for (const Record& record : topics.of(Topic::customers, 0)) {
    linked += record.payload.value.contains(R"("type":"BookingLinked")") ? 1 : 0;
  }
  if (linked != created) {
    left.push_back(fmt::format("{} bookings were created and {} are linked", created, linked));
  }
  look_at_rows(Topic::customers, 0);
  return left;
} catch (const Violation& unreadable) {
  return {unreadable.what};
}

std::map<std::string, int> outcomes(const Topics& topics) {
  std::map<std::string, int> words;
  for (std::int32_t p = 0; p < topics.partitions(); ++p) {
    for (const Record& record : topics.of(Topic::results, p)) {
      const auto result = judges::parsed(record);
      const bool forwarded = judges::text_in(result, "type") == "CommandForwarded";
      ++words[forwarded ? "forwarded" : e2e::word_of(result)];
    }
  }
  return words;
}

}  // namespace pesan::chaos
