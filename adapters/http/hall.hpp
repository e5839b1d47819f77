// The connections of a server: how many there are, and which one goes when there are too many.
// Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

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
  /// has waited longest is sent away. False: it is full, and all are being answered; then the
  /// newcomer is `leaving`, to be told so, or `outside` where too many are being told already.
  bool enter(Connection& newcomer);
  /// Once more is nothing.
  void leave(Connection& connection);
  /// It waits for its caller from now on: for a request, or for an answer to be taken.
  void waits(Connection& connection);
  /// It is being answered from now on.
  void works(Connection& connection);

  /// Those that are between two requests leave; the others may go on.
  void send_idle_away();
  /// Those that are being answered are told that nobody answers them any more.
  void give_up_working();
  /// Waits until nobody is there; false: it took longer.
  bool empties(std::chrono::milliseconds within);

  std::size_t size() const;
  /// Takes one out that still lives, also one that was sent away and has not gone; null: there is
  /// none.
  std::shared_ptr<Connection> take_out();

 private:
  using Room = std::list<Connection*>;
  Room& room_of(const Connection& connection);
  void move(Connection& connection, Place::Room to);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  Room waiting_;  // longest first
  Room working_;
  Room leaving_;  // sent away; they count no more
};

}  // namespace pesan::http
