#include "tests/e2e/audited_files.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/customers.hpp"
#include "tests/support/auditor/model.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;

constexpr std::size_t most_differences = 30;

json::value or_null(const std::optional<std::string>& text) {
  if (text) return json::value(json::string(*text));
  return nullptr;
}

std::string_view text_of(const Row& row, const char* column) { return row.at(column).as_string(); }

class Auditing {
 public:
  Auditing(const Files& files, int partitions)
      : files_(files), model_({.partitions = partitions, .command_clock = false}) {}

  AuditReport run() {
    check_results();
    check_rows(model_.rows());
    check_rows(customers().rows());
    return std::move(report_);
  }

 private:
  template <class Found, class Expected>
  void same(const std::string& what, const Found& found, const Expected& expected) {
    if (json::value(found) == json::value(expected)) return;
    say(fmt::format("{} is {} and should be {}", what, json::serialize(json::value(found)),
                    json::serialize(json::value(expected))));
  }
  void say(std::string sentence) {
    if (report_.differences.size() < most_differences) report_.differences.push_back(sentence);
  }
  std::vector<Row> topic(const char* name) {
    return rows_of(files_.log, fmt::format("SELECT record_id >> 40 AS partition, record_id & "
                                           "((1 << 40) - 1) AS offset, at, headers, value "
                                           "FROM {} ORDER BY record_id",
                                           name));
  }

  /// One result for each command, in the order of the commands.
  void check_results() {
    const auto commands = topic("commands");
    const auto results = topic("results");
    report_.commands = commands.size();
    same("the number of results", results.size(), commands.size());
    std::int64_t dead_letters = 0;
    for (std::size_t i = 0; i < std::min(commands.size(), results.size()); ++i) {
      const audit::Expected expected = model_.decide({
          .partition = static_cast<int>(commands[i].at("partition").as_int64()),
          .offset = commands[i].at("offset").as_int64(),
          .timestamp_ms = commands[i].at("at").as_int64(),
          .value = std::string(text_of(commands[i], "value")),
      });
      dead_letters += expected.dead_letter ? 1 : 0;
      report_.events += expected.duplicate ? 0 : expected.events.size();
      check_result(commands[i], json::parse(text_of(results[i], "value")).as_object(), expected);
    }
    same("the number of dead letters", number_of(files_.log, "SELECT COUNT(*) FROM dead_letters"),
         dead_letters);
  }

  void check_result(const Row& command, const json::object& result,
                    const audit::Expected& expected) {
    const std::string id =
        fmt::format("{}-{}", command.at("partition").as_int64(), command.at("offset").as_int64());
    const auto check = [&](const char* what, const json::value& found, const json::value& wanted) {
      same(fmt::format("{} of result {}", what, id), found, wanted);
    };
    const json::object& data = result.at("data").as_object();
    const auto given = [&data](const char* name) {
      const auto* value = data.if_contains(name);
      return value != nullptr ? *value : json::value(nullptr);
    };
    check("id", result.at("id"), json::string(id));
    check("type", result.at("type"), json::string(expected.type));
    check("time", result.at("time"), json::string(audit::instant_text(expected.now_ms)));
    check("command id", data.at("command").at("id"), or_null(expected.id));
    check("code", given("code"), or_null(expected.code));
    check("booking_id", given("booking_id"), or_null(expected.booking_id));
    check("events", data.at("events"), json::value_from(expected.events));
    check("sequence", data.at("sequence"), expected.sequence);
    check("version", data.at("version"), expected.version);
    check("duplicate", data.contains("duplicate"), expected.duplicate);
    // Those that the auditor knows; what stands beside them is for people.
    for (const auto& [name, value] : expected.details) {
      const json::value details = given("details");
      const auto* found = details.is_object() ? details.get_object().if_contains(name) : nullptr;
      check("details", found == nullptr ? json::value(nullptr) : *found, value);
    }
  }

  /// The customer master, in the order in which the registry linked the bookings.
  audit::CustomerModel customers() {
    std::map<std::pair<std::int64_t, std::int64_t>, const audit::CustomerModel::Created*> created;
    for (int p = 0; p < partitions(); ++p) {
      for (const auto& one : model_.created(p)) created[{p, one.sequence}] = &one;
    }
    audit::CustomerModel customers(0);
    std::size_t linked = 0;
    for (const Row& record : topic("customers")) {
      const json::object event = json::parse(text_of(record, "value")).as_object();
      if (event.at("type") != "BookingLinked") continue;
      const json::object& data = event.at("data").as_object();
      const auto found =
          created.find({data.at("partition").as_int64(), data.at("sequence").as_int64()});
      if (found == created.end()) {
        say("a booking is linked that was never created: " + json::serialize(event));
        continue;
      }
      const auto decision = customers.created(*found->second);
      same("the customer of " + found->second->booking_id, data.at("code"),
           json::string(decision.code));
      ++linked;
    }
    same("the number of linked bookings", linked, created.size());
    return customers;
  }

  void check_rows(const std::map<std::string, std::vector<json::object>>& tables) {
    for (const auto& [table, expected] : tables) {
      const auto found =
          rows_of(files_.store, fmt::format("SELECT * FROM {} ORDER BY 1, 2", table));
      same("the number of rows in " + table, found.size(), expected.size());
      report_.rows += found.size();
      for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
        for (const auto& [column, value] : expected[i]) {
          same(fmt::format("{} in {} row {}", std::string_view(column), table,
                           json::serialize(found[i])),
               found[i].at(column), value);
        }
      }
    }
  }

  int partitions() {
    return static_cast<int>(number_of(files_.log, "SELECT partitions FROM log_info"));
  }

  const Files& files_;
  audit::Model model_;
  AuditReport report_;
};

}  // namespace

AuditReport audit_files(const Files& files, int partitions) {
  return Auditing(files, partitions).run();
}

}  // namespace pesan::e2e
