#include "adapters/http/hall.hpp"

#include <vector>

#include "adapters/http/connection.hpp"

namespace pesan::http {

using enum Hall::Place::Room;

Hall::Room& Hall::room_of(const Connection& connection) {
  switch (connection.place.room) {
    case working: return working_;
    case leaving: return leaving_;
    case waiting:
    case outside: break;
  }
  return waiting_;
}

bool Hall::enter(Connection& newcomer) {
  std::shared_ptr<Connection> longest;  // goes after the lock: a connection leaves by its end
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() + working_.size() >= most_) {
    if (waiting_.empty()) {
      if (leaving_.size() >= most_) return false;
      newcomer.place = {.room = leaving, .at = leaving_.insert(leaving_.end(), &newcomer)};
      return false;
    }
    longest = waiting_.front()->weak_from_this().lock();
    if (longest) longest->send_away();
    waiting_.front()->place.room = leaving;
    leaving_.splice(leaving_.end(), waiting_, waiting_.begin());
  }
  newcomer.place = {.room = waiting, .at = waiting_.insert(waiting_.end(), &newcomer)};
  return true;
}

void Hall::leave(Connection& connection) {
  const std::scoped_lock lock(mutex_);
  if (connection.place.room == outside) return;
  room_of(connection).erase(connection.place.at);
  connection.place.room = outside;
  if (waiting_.empty() && working_.empty()) emptied_.notify_all();
}

void Hall::waits(Connection& connection) { move(connection, waiting); }
void Hall::works(Connection& connection) { move(connection, working); }

void Hall::move(Connection& connection, Place::Room to) {
  const std::scoped_lock lock(mutex_);
  if (connection.place.room == outside || connection.place.room == leaving) return;
  Room& from = room_of(connection);
  connection.place.room = to;
  Room& room = room_of(connection);
  room.splice(room.end(), from, connection.place.at);
}

void Hall::send_idle_away() {
  std::vector<std::shared_ptr<Connection>> idle;  // goes after the lock, as above
  const std::scoped_lock lock(mutex_);
  for (Connection* connection : waiting_) {
    idle.push_back(connection->weak_from_this().lock());
    if (idle.back()) idle.back()->send_away_if_idle();
  }
}

void Hall::give_up_working() {
  std::vector<std::shared_ptr<Connection>> working_on;  // goes after the lock, as above
  const std::scoped_lock lock(mutex_);
  for (Connection* connection : working_) {
    working_on.push_back(connection->weak_from_this().lock());
    if (working_on.back()) working_on.back()->give_up_later();
  }
}

bool Hall::empties(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, within, [this] { return waiting_.empty() && working_.empty(); });
}

std::size_t Hall::size() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size() + working_.size();
}

std::shared_ptr<Connection> Hall::take_out() {
  const std::scoped_lock lock(mutex_);
  for (Room* room : {&waiting_, &working_, &leaving_}) {
    while (!room->empty()) {
      Connection& connection = *room->front();
      room->pop_front();
      connection.place.room = outside;
      if (auto living = connection.weak_from_this().lock()) return living;
    }
  }
  return nullptr;
}

}  // namespace pesan::http
