#include "adapters/kafka/client_on_call.hpp"

#include <utility>

namespace pesan::kafka {

using Clock = std::chrono::steady_clock;

Fallible<std::shared_ptr<Client>> ClientOnCall::get() {
  const std::scoped_lock lock(mutex_);
  if (client_ == nullptr) {
    auto client = Client::make(place_, options_);
    if (!client) return std::unexpected(std::move(client.error()));
    client_ = *std::move(client);
  }
  last_used_ = Clock::now();
  return client_;
}

void ClientOnCall::rest() {
  std::shared_ptr<Client> over;
  const std::scoped_lock lock(mutex_);
  if (client_ == nullptr) return;
  client_->serve();
  const bool in_use = client_.use_count() > 1;
  if (!in_use && Clock::now() - last_used_ >= longest_unused) over = std::move(client_);
}

}  // namespace pesan::kafka
