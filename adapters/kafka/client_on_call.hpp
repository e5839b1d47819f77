// A client for what is asked now and then: it is made when it is needed, and goes when nobody has
// needed it for a while, because each is threads, timers and connections to every broker. Any
// thread.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "adapters/kafka/client.hpp"

namespace pesan::kafka {

/// How long a client stays that nobody uses: making one anew costs some round trips.
inline constexpr milliseconds longest_unused{5'000};

class ClientOnCall {
 public:
  /// The place outlives it.
  ClientOnCall(const Place& place, Client::Options options)
      : place_(place), options_(std::move(options)) {}

  /// It stays at least as long as the caller holds it, which is to be for one question.
  Fallible<std::shared_ptr<Client>> get();
  /// Now and then: looks at what came unasked, and ends what nobody has needed for a while.
  void rest();

 private:
  const Place& place_;
  const Client::Options options_;
  std::mutex mutex_;                // guards what follows
  std::shared_ptr<Client> client_;  // null while nobody needs it
  std::chrono::steady_clock::time_point last_used_;
};

}  // namespace pesan::kafka
