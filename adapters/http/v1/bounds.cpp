#include "adapters/http/v1/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace pesan::http::v1 {
namespace {

/// Of so many, those go that ask nothing and have gathered all that they can.
constexpr std::size_t most_accounts = 1000;
constexpr std::chrono::minutes rested{10};

std::unexpected<Problem> too_many(double wait_s) {
  Problem problem = problem_of(Mistake::too_many_requests);
  problem.headers.push_back(
      {.name = "Retry-After", .value = fmt::format("{:.0f}", std::ceil(std::max(wait_s, 1.0)))});
  return std::unexpected(std::move(problem));
}

}  // namespace

Bounds::Share::Share(std::shared_ptr<Load> load, std::size_t bytes)
    : load_(std::move(load)), bytes_(bytes) {
  load_->requests += 1;
  load_->bytes += bytes_;
}

Bounds::Share::~Share() {
  load_->requests -= 1;
  load_->bytes -= bytes_;
  load_->commands -= commands_;
}

void Bounds::Share::add_commands(std::size_t commands) {
  load_->commands += commands;
  commands_ += commands;
}

Bounds::Account& Bounds::account_of(const std::string& client, Time now) {
  if (accounts_.size() >= most_accounts && !accounts_.contains(client)) {
    std::erase_if(accounts_, [&](const auto& one) {
      return one.second.load.use_count() == 1 && now > one.second.counted_at + rested;
    });
  }
  const auto [found, is_new] = accounts_.try_emplace(client);
  Account& account = found->second;
  if (is_new) {
    account.tokens = most_.a_second;
    account.counted_at = now;
  }
  const std::chrono::duration<double> since = now - account.counted_at;
  account.tokens = std::min(most_.a_second, account.tokens + since.count() * most_.a_second);
  account.counted_at = now;
  return account;
}

Answered<Bounds::Place> Bounds::enter(const std::string& client, std::size_t bytes, Time now) {
  const std::scoped_lock lock(mutex_);
  Account& account = account_of(client, now);
  if (account.tokens < 1) return too_many((1 - account.tokens) / most_.a_second);
  if (account.load->requests >= most_.under_way || account.load->bytes + bytes > most_.bytes) {
    return too_many(1);
  }
  account.tokens -= 1;
  return std::make_shared<Share>(account.load, bytes);
}

Answered<std::shared_ptr<void>> Bounds::take_room(const std::string& client, std::size_t bytes,
                                                  Time now) {
  struct Room {
    std::shared_ptr<Load> one;
    std::shared_ptr<Load> all;
    std::size_t bytes;

    Room(std::shared_ptr<Load> own, std::shared_ptr<Load> total, std::size_t taken)
        : one(std::move(own)), all(std::move(total)), bytes(taken) {
      one->bytes += bytes;
      all->bytes += bytes;
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() {
      one->bytes -= bytes;
      all->bytes -= bytes;
    }
  };
  const std::scoped_lock lock(mutex_);
  const std::shared_ptr<Load>& load = account_of(client, now).load;
  if (load->bytes + bytes > most_.bytes || arrays_->bytes + bytes > most_.all_arrays) {
    return too_many(1);
  }
  return std::make_shared<Room>(load, arrays_, bytes);
}

Answered<void> Bounds::unpack(const std::string& client, const Place& place, std::size_t commands,
                              Time now) {
  const std::scoped_lock lock(mutex_);
  Account& account = account_of(client, now);
  if (account.load->commands + commands > most_.commands) return too_many(1);
  account.tokens -= static_cast<double>(commands) - 1;  // one was counted with the request
  place->add_commands(commands);
  return {};
}

}  // namespace pesan::http::v1
