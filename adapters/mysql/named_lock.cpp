#include "adapters/mysql/named_lock.hpp"

#include <fmt/format.h>

namespace pesan::mysql {
namespace {

/// Names have at most 64 characters, as long as that of a database may be.
std::string name_of(std::string_view purpose) {
  return fmt::format("CONCAT('pesan {} ', LEFT(SHA2(DATABASE(), 256), 40))", purpose);
}

}  // namespace

Fallible<bool> try_lock(Connection& connection, std::string_view purpose, int patience_s) {
  const auto got = connection.query_integer(
      "lock", fmt::format("SELECT COALESCE(GET_LOCK({}, {}), 0)", name_of(purpose), patience_s));
  if (!got) return std::unexpected(got.error());
  return *got == 1;
}

Fallible<void> unlock(Connection& connection, std::string_view purpose) {
  return connection.execute("unlock", fmt::format("DO RELEASE_LOCK({})", name_of(purpose)));
}

}  // namespace pesan::mysql
