#include "adapters/sqlite/lock_claims.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "events/digest.hpp"

namespace pesan::sqlite {

std::string lock_name(const std::string& file, std::string_view purpose) {
  std::error_code ignored;  // then the path stays as it is
  const auto canonical = std::filesystem::weakly_canonical(file, ignored).string();
  return fmt::format("{}-{}", ignored ? file : canonical, to_hex(digest_of(purpose)));
}

Fallible<Claim> LockClaims::begin(TopicPartition place) {
  const std::lock_guard turn(turn_);
  if (held_.contains(place)) return Claim::mine;
  if (!lock_) {
    // The lock may be the first file there.
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
    auto opened = ServerLock::open(file_);
    if (!opened) return std::unexpected(opened.error());
    lock_ = *std::move(opened);
  }
  const auto taken = lock_->try_take(place);
  if (!taken) return std::unexpected(taken.error());
  if (!*taken) return Claim::others;
  held_.insert(place);
  return Claim::mine;
}

void LockClaims::release(TopicPartition place) {
  const std::lock_guard turn(turn_);
  if (held_.erase(place) > 0) lock_->release(place);
}

}  // namespace pesan::sqlite
