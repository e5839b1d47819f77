// SqliteLog::create: a log comes into being in one transaction, or not at
// all.
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "adapters/sqlite/log_writing.hpp"
#include "adapters/sqlite/sqlite_log.hpp"

namespace pesan {
namespace {

using sqlite::Access;
using sqlite::Database;

Fallible<void> make_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code refused;
  if (!folder.empty()) std::filesystem::create_directories(folder, refused);
  if (!refused) return {};
  return fail(FailureKind::fatal,
              fmt::format("cannot make the folder {}: {}", folder.string(), refused.message()));
}

}  // namespace

Fallible<void> SqliteLog::create(const CreateOptions& options,
                                 const std::vector<OutgoingRecord>& first_records) {
  if (auto made = make_folder_of(options.path); !made) return made;
  auto database = Database::open({.path = options.path, .access = Access::create});
  if (!database) return std::unexpected(std::move(database.error()));
  // Not WAL yet: an empty file becomes a whole log by the one rename-like step that SQLite's
  // rollback journal is. EXTRA syncs the folder too, so that the step itself survives a power cut.
  // The page size only takes effect on an empty file.
  auto done = database->execute(
      fmt::format("PRAGMA page_size = {}; PRAGMA synchronous = EXTRA", sqlite::log_page_size));
  if (!done) return done;
  sqlite::LogWriting writing(std::move(*database));
  {
    auto open = writing.begin();
    if (!open) return std::unexpected(std::move(open.error()));
    auto identity = identify(writing.database(), sqlite::log_file);
    if (!identity) return std::unexpected(std::move(identity.error()));
    if (!identity->empty) {
      return fail(FailureKind::conflict,
                  fmt::format("there is a log at {} already; it was left as it is", options.path));
    }
    const Instant now = options.now();
    if (done = writing.database().execute(sqlite::log_schema()); !done) return done;
    if (done = write_info(writing.database(), options.info, now); !done) return done;
    if (done = writing.prepare(options.info.partitions); !done) return done;
    if (done = writing.insert(first_records, now, nullptr); !done) return done;
    if (done = open->commit(); !done) return done;
  }
  // It is a log now. Should this be refused, opening the log sets what is left.
  [[maybe_unused]] const auto set = prepare_for_writing(writing.database());
  return {};
}

}  // namespace pesan
