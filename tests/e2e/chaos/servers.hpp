// The servers of a stack (`./dev stack`) as a nemesis sees them: their processes can be killed and
// stopped, their connections cut, and the stack's own program starts them again. Numbers of brokers
// begin at 0. One thread.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"

namespace pesan::chaos {

/// Something around the run broke, which says nothing about pesan. Thrown.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Servers {
 public:
  /// Of the stack with this name, which was made; what of it does not run is started.
  explicit Servers(std::string name);

  /// host:port of all, with commas between.
  const std::string& brokers() const { return brokers_; }
  /// mysql://user@host:port
  const std::string& database() const { return database_; }
  int broker_count() const { return static_cast<int>(all_brokers_.size()); }

  void signal_broker(int number, int signal) const;
  void signal_database(int signal) const;
  /// Ends all connections to a broker at once, as a firewall may. False where the machine cannot.
  bool cut_connections_to(int number) const;

  /// After a kill: starts it in the background, as the stack had started it.
  void restart_broker(int number) const;
  void restart_database() const;
  bool broker_listens(int number) const;
  bool database_listens() const;
  /// Waits until everything answers, and the brokers know each other.
  void await() const;

  /// Stops everything and starts it again with what `change` makes of its folder.
  template <class Change>
  void stopped(Change change) {
    stack("down");
    change(folder_);
    stack("up");
  }

 private:
  struct Server {
    std::string folder;
    int port = 0;
    std::vector<std::string> command{};  // what the stack has started
  };
  Outcome ask_stack(const std::string& command) const;
  /// Throws with all that it wrote where it fails.
  void stack(const std::string& command) const;
  static void signal(const Server& server, int number);
  static void restart(const Server& server);

  std::string name_;
  std::string folder_;
  std::string brokers_;
  std::string database_;
  std::vector<Server> all_brokers_;
  Server mariadb_;
};

}  // namespace pesan::chaos
