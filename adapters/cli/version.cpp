#include "adapters/cli/version.hpp"

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <spdlog/version.h>
#include <sqlite3.h>
#include <zstd.h>

#include "pesan_version.hpp"

namespace pesan::cli {

std::string version_text() {
  return fmt::format(
      "pesan {} ({})\nSQLite {}, zstd {}, librdkafka {}, Boost {}.{}.{}, spdlog {}.{}.{}, "
      "fmt {}.{}.{}, CLI11 {}",
      PESAN_VERSION, PESAN_COMMIT, sqlite3_libversion(), ZSTD_versionString(),
      rd_kafka_version_str(), BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000,
      BOOST_VERSION % 100, SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH,
      FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, CLI11_VERSION);
}

std::string version_number() { return PESAN_VERSION; }
std::string version_commit() { return PESAN_COMMIT; }

}  // namespace pesan::cli
