// The connections of a server: how many there are, and which one goes when there are too many.
// Any thread.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace pesan::http {

class Connection;

class Hall {
 public:
  /// Where a connection stands; the hall alone reads and writes it.
  struct Place {
    enum class Room { outside, waiting, working, leaving } room = Room::outside;
    std::list<Connection*>::iterator at{};
  };

  explicit Hall(std::size_t most) : most_(most) {}

  /// Takes a connection in, as one that waits for a request. Where the hall is full, the one that
  /// has waited longest is sent away. False: it is full, and all are being answered.
  bool enter(Connection& newcomer);
  /// Once more is nothing.
  void leave(Connection& connection);
  /// It waits for a request from now on.
  void waits(Connection& connection);
  /// It is being answered from now on.
  void works(Connection& connection);

  std::size_t size() const;
  /// Those that still live, also those that were sent away and have not gone.
  std::vector<std::shared_ptr<Connection>> all() const;

 private:
  using Room = std::list<Connection*>;
  Room& room_of(const Connection& connection);
  void move(Connection& connection, Place::Room to);

  const std::size_t most_;
  mutable std::mutex mutex_;
  Room waiting_;  // longest first
  Room working_;
  Room leaving_;  // sent away; they count no more
};

}  // namespace pesan::http
