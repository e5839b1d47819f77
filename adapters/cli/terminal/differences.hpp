// Differences between a read model and its log on stdout: up to a limit as rows, all of them as a
// count. One thread.
#pragma once

#include <cstddef>
#include <string>

#include "adapters/cli/terminal/table_printer.hpp"
#include "projections/verify.hpp"

namespace pesan::cli {

class Differences {
 public:
  /// `most` rows are printed; 0 for all.
  Differences(std::size_t most, Format format);

  /// To be handed to `verify` and `rebuild`; refers to this object.
  OnDifference collect();
  std::size_t count() const { return count_; }
  /// Those collected so far, and how many were left out; nothing where there is none.
  Fallible<void> print();

 private:
  std::size_t most_;
  TablePrinter printer_;
  std::size_t count_ = 0;
  Fallible<void> state_;
};

/// `0.4 s, 123456 events/s`.
std::string rate(std::int64_t events, double seconds);

}  // namespace pesan::cli
