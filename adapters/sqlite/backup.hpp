// A copy of one SQLite file as it is at one moment, made while others read and write it: by
// SQLite's own online backup, in one read transaction, for which nobody waits. Any thread.
#pragma once

#include <string>

#include "adapters/sqlite/database.hpp"

namespace pesan::sqlite {

struct CopyOptions {
  std::string from;  // a file of the format
  std::string to;    // nothing must be there; it appears whole and synced, or not at all
  FileFormat format;
};
Fallible<void> copy_file_in_use(const CopyOptions& options);

}  // namespace pesan::sqlite
