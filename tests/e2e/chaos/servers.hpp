// The servers of a stack (`./dev stack`) as a nemesis sees them: their processes can be killed and
// stopped, their connections cut, and the stack's own program starts them again. Numbers of brokers
// begin at 0. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/e2e/program.hpp"

namespace pesan::chaos {

/// Something around the run broke, which says nothing about pesan. Thrown.
struct Broken {
  std::string what;
};

class Servers {
 public:
  /// Of the stack with this name, which must run.
  explicit Servers(std::string name);

  /// host:port of all, with commas between.
  const std::string& brokers() const { return brokers_; }
  /// mysql://user@host:port
  const std::string& database() const { return database_; }
  int broker_count() const { return static_cast<int>(ports_.size()); }

  void signal_broker(int number, int signal) const;
  void signal_database(int signal) const;
  /// Ends all connections to a broker at once, as a firewall may. False where the machine cannot.
  bool cut_connections_to(int number) const;

  enum class Kind : std::uint8_t { kafka, mariadb };
  /// Starts what does not run, in the background; `restarting` until all of that kind answers.
  void restart(Kind kind);
  bool restarting(Kind kind);
  /// Stops everything and starts it again with what `change` makes of its folder.
  template <class Change>
  void stopped(Change change) {
    stack({"down", "--name", name_});
    change(folder_);
    stack({"up", "--name", name_});
  }

 private:
  static void stack(Arguments words);
  static pid_t pid_in(const std::string& folder);

  std::string name_;
  std::string folder_;
  std::string brokers_;
  std::string database_;
  std::vector<int> ports_;
  std::unique_ptr<Program> restarts_[2];
};

}  // namespace pesan::chaos
