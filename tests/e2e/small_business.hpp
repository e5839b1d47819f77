// A small business for the tests of the command line: a room counted as a whole, one counted night
// by night, a service with two slots, bookings of each with a past, a letter that nobody can read.
// Made once a process and copied for each test, as a backfill, so that every time in it is literal.
// One thread.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {

/// What was applied, a command a line; the last one is `not a command`.
std::vector<std::string> small_business_lines();

/// Log and read models after all of it. Nobody runs on them.
class SmallBusiness {
 public:
  SmallBusiness();

  Outcome pesan(const Arguments& words) const { return run(files.on(words)); }
  Outcome pesan_on_log(const Arguments& words) const { return run(files.on_log(words)); }
  Outcome pesan_on_store(Arguments words) const;
  /// Changes the read models behind the program's back.
  void tamper(const std::string& sql) const { execute(files.store, sql); }

  static void execute(const std::string& path, const std::string& sql);

  Files files;
};

}  // namespace pesan::e2e
