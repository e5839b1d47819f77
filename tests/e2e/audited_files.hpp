// Checks files by the independent auditor: it decides every command of the log in the order of the
// log, and then the results, the dead letters and the rows of all tables must be what it says. One
// thread; nobody may write meanwhile.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {

struct AuditReport {
  std::vector<std::string> differences;  // sentences; at most a few dozen
  std::size_t commands = 0;
  std::size_t events = 0;
  std::size_t rows = 0;
};

/// Of a log with the clock `append` and `partitions`.
AuditReport audit_files(const Files& files, int partitions);

}  // namespace pesan::e2e
