#include "adapters/http/v1/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace pesan::http::v1 {
namespace {

std::unexpected<Problem> too_many(double wait_s) {
  Problem problem = problem_of(Mistake::too_many_requests);
  problem.headers.push_back(
      {.name = "Retry-After", .value = fmt::format("{:.0f}", std::ceil(std::max(wait_s, 1.0)))});
  return std::unexpected(std::move(problem));
}

}  // namespace

Answered<Bounds::Place> Bounds::enter(const std::string& client, Time now) {
  const std::scoped_lock lock(mutex_);
  const auto [found, is_new] = accounts_.try_emplace(client);
  Account& account = found->second;
  if (is_new) account = {.tokens = most_.a_second, .counted_at = now};
  const std::chrono::duration<double> since = now - account.counted_at;
  account.tokens = std::min(most_.a_second, account.tokens + since.count() * most_.a_second);
  account.counted_at = now;
  if (account.tokens < 1) return too_many((1 - account.tokens) / most_.a_second);
  // One use is the account's own.
  if (static_cast<std::size_t>(account.under_way.use_count()) > most_.under_way) {
    return too_many(1);
  }
  account.tokens -= 1;
  return account.under_way;
}

}  // namespace pesan::http::v1
