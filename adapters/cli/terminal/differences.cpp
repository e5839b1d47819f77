#include "adapters/cli/terminal/differences.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace pesan::cli {
namespace {

std::vector<PrintedColumn> columns() {
  return {{.name = "table", .whole = true, .always = true},
          {.name = "key", .whole = true, .always = true},
          {.name = "column", .whole = true, .always = true},
          {.name = "expected", .always = true},
          {.name = "found", .always = true}};
}

}  // namespace

Differences::Differences(std::size_t most, Format format)
    : most_(most == 0 ? static_cast<std::size_t>(-1) : most), printer_(columns(), format) {}

OnDifference Differences::collect() {
  return [this](const Difference& difference) {
    ++count_;
    if (count_ > most_ || !state_) return;
    const StoredValue column =
        difference.column.empty() ? StoredValue() : StoredValue(difference.column);
    const std::vector<StoredValue> row{difference.table, std::string_view(difference.key), column,
                                       std::string_view(difference.expected),
                                       std::string_view(difference.found)};
    state_ = printer_.add(row);
  };
}

Fallible<void> Differences::print() {
  if (!state_ || count_ == 0) return state_;
  auto printed = printer_.print();
  if (count_ > printer_.rows()) {
    fmt::print(stderr, "{} more differences are not shown: --limit 0 shows all\n",
               count_ - printer_.rows());
  }
  return printed;
}

std::string rate(std::int64_t events, double seconds) {
  return fmt::format("{:.1f} s, {:.0f} events/s", seconds,
                     static_cast<double>(events) / std::max(seconds, 1e-3));
}

}  // namespace pesan::cli
