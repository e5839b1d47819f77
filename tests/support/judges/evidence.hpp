// What a run leaves behind, and the judges that read it: each compares what lies in the log and in
// the tables with the auditor's naive reading of the commands, and throws a Violation that says
// where, what was expected and what was found. The simulation and the chaos on real servers have
// the same judges. They share no code with the loops. One thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/support/auditor/model.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"

namespace pesan::judges {

/// Something that pesan promised did not hold. Thrown by the harness, never by a port.
struct Violation {
  std::string what;
};

struct Evidence {
  const MemoryLog& log;
  const MemoryReadModel& model;
  std::int32_t partitions = 1;
  bool command_clock = false;
  std::size_t remember = 0;
  std::vector<std::vector<Record>> commands;             // by partition, dropped ones among them
  std::vector<std::set<Offset>> parked;                  // by partition
  std::vector<std::optional<Offset>> backfill_ended_at;  // the command that was next then
};

/// Decides commands as the auditor does, in offset order, one partition after the other.
class Replay {
 public:
  explicit Replay(const Evidence& evidence);

  audit::Expected decide(std::int32_t partition, const Record& command);
  /// What happened between the commands, up to that one.
  void reach(std::int32_t partition, Offset command);
  const audit::Model& model() const { return model_; }

 private:
  const Evidence& evidence_;
  audit::Model model_;
  std::vector<bool> switched_;
};

/// Every command has one result, and it is the auditor's; what was forwarded, set aside and said in
/// events is there once. Returns the auditor's state.
audit::Model judge_results(const Evidence& evidence);
/// Events: no gap, and no bucket ever over its capacity, counted from what the events hold.
void judge_events(const Evidence& evidence);
/// Every row of every table is the auditor's, and nothing else is there.
void judge_rows(const Evidence& evidence, const audit::Model& decided);
/// The same for tables of `events` that are still behind: they are the fold of some prefix.
void judge_prefix(const Evidence& evidence);
/// Every booking is linked once, in order, to the customer that the auditor finds.
void judge_customers(const Evidence& evidence, const audit::Model& decided);

/// A member that is a string; "" where there is none.
std::string text_in(const boost::json::object& object, std::string_view name);
boost::json::object parsed(const Record& record);
std::string place_name(TopicPartition place, Offset offset);

/// Throws a Violation: `where: what: expected …, found …`.
[[noreturn]] void violated(const std::string& where, const std::string& what,
                           const std::string& expected, const std::string& found);

}  // namespace pesan::judges
