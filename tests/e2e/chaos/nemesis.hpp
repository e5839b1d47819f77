// What goes wrong in a chaos run: faults of many kinds, drawn from a seed, alone and several at a
// time, each with its repair. One broker at most and the database are away at a time; processes as
// it comes. The same seed draws the same faults, but real processes meet them at other moments. One
// thread, but for what the proxy asks.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "events/vocabulary.hpp"
#include "tests/e2e/chaos/members.hpp"
#include "tests/e2e/chaos/servers.hpp"
#include "tests/support/mysql_proxy.hpp"

namespace pesan::chaos {

enum class Fault : std::uint8_t {
  kill,                // -9, and started again before or after its session is over
  kill_role,           // all processes of a role at once
  zombie,              // stopped for longer than a session, then it goes on
  replaced_zombie,     // a static member stops, another process gets its instance, then it goes on
  kill_at_point,       // -9 at a point of a transaction
  zombie_at_point,     // stopped there for longer than a session, then it goes on
  kill_amid_markers,   // its commit ends in one broker later than in the others; it is killed
  nap,                 // stopped for a moment
  terminate,           // SIGTERM, and started again
  add_member,          // one process more
  remove_member,       // one of those that were added
  kill_broker,         // -9
  pause_broker,        //
  cut_broker,          // all connections to it are gone
  kill_database,       // -9
  pause_database,      //
  cut_before,          // a connection to the database goes before a command is carried out
  cut_after_commit,    // and after a commit, whose answer is lost
  rebuild,             // pesan rebuild, beside all this
  kill_rebuild,        // and killed
  cut_rebuild_before,  // its connection goes before the swap
  cut_rebuild_after,   // or right after it, with the answer
  verify,              // no fault: pesan verify in the middle of them
};

}  // namespace pesan::chaos

template <>
struct pesan::EnumNames<pesan::chaos::Fault> {
  static constexpr std::array<std::string_view, 23> names{"kill",
                                                          "kill a role",
                                                          "zombie",
                                                          "replaced zombie",
                                                          "kill at a point",
                                                          "zombie at a point",
                                                          "kill amid markers",
                                                          "nap",
                                                          "terminate",
                                                          "add a member",
                                                          "remove a member",
                                                          "kill a broker",
                                                          "pause a broker",
                                                          "cut a broker",
                                                          "kill the database",
                                                          "pause the database",
                                                          "cut before",
                                                          "cut after commit",
                                                          "rebuild",
                                                          "kill a rebuild",
                                                          "cut a rebuild before its swap",
                                                          "cut a rebuild after its swap",
                                                          "verify"};
};

namespace pesan::chaos {

class Nemesis {
 public:
  struct Options {
    std::uint64_t seed = 0;
    std::map<Fault, int> weights;  // of those that may happen
    std::string victims;           // the role that faults of processes hit; empty: any
    std::vector<kafka::TransactionPoint> points;
    std::string program;
    Environment environment;
    Arguments places;    // --log … --store …, through the proxy
    std::string folder;  // for what tools write
  };
  Nemesis(Options options, Members& members, Servers& servers);

  /// Does what is due: repairs, and perhaps a fault.
  void act(Time now);
  /// Repairs everything at once; returns when all servers answer.
  void calm();

  /// Before the proxy's server sees a command. Any thread.
  MysqlProxy::Verdict on_command(std::string_view command);

  const std::map<Fault, int>& tally() const { return tally_; }
  /// What happened, with times since the start.
  const std::vector<std::string>& story() const { return story_; }
  /// Of tools: tables that drifted.
  const std::vector<std::string>& findings() const { return findings_; }
  int rebuilds_done() const { return rebuilds_done_; }
  int verifies_done() const { return verifies_done_; }

 private:
  struct Tool {  // a subcommand that runs beside the roles
    Fault why;
    std::unique_ptr<Program> program;
    std::optional<Time> kill_at;
  };
  struct Repair {
    Time due;
    std::function<void()> what;  // none: nothing is due
  };

  /// Of all connections to one broker, again and again. The others do not read from it for a second
  /// after each (replica.fetch.backoff.ms), so what is written to it is not seen meanwhile.
  struct Cuts {
    int broker = 0;
    int left = 0;
    Time due{};
  };

  void strike(Time now);
  bool strike(Fault fault, Time now);
  bool strike_member(Fault fault, Time now);
  bool strike_at_point(Fault fault, Time now);
  std::function<void(Member&)> what_follows(Fault fault);
  void look_at_points(Time now);
  bool strike_server(Fault fault, Time now);
  bool strike_link(Fault fault, Time now);
  bool start_tool(Fault fault, Time now);
  void look_at_tools(Time now);
  void look_at_servers(Time now);
  Member* some_member();
  /// Before its session of 6 s is over, or after.
  std::chrono::milliseconds away() {
    return below(3) == 0 ? between(6500, 9000) : between(0, 2500);
  }
  void tell(Fault fault, const std::string& what);
  void note(std::string_view what);
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  std::chrono::milliseconds between(int low_ms, int high_ms) {
    return std::chrono::milliseconds{low_ms + below(high_ms - low_ms + 1)};
  }

  Options options_;
  Members& members_;
  Servers& servers_;
  std::mt19937_64 random_;
  Time begun_;
  Time next_;
  Cuts cuts_;
  Repair broker_repair_;
  Repair database_repair_;
  std::optional<int> broker_away_;
  bool database_away_ = false;
  Time brokers_rest_until_;  // so that replicas catch up
  std::vector<Tool> tools_;
  std::atomic<int> cuts_before_ = 0;
  std::atomic<int> cuts_after_ = 0;
  std::atomic<int> swap_cut_ = 0;  // -1 before, 1 after
  std::map<Fault, int> tally_;
  std::vector<std::string> story_;
  std::vector<std::string> findings_;
  int tools_ended_ = 0;
  int rebuilds_done_ = 0;
  int verifies_done_ = 0;
};

/// All kinds, as often as they are worth.
std::map<Fault, int> usual_weights();
std::vector<kafka::TransactionPoint> all_points();

}  // namespace pesan::chaos
