// What `pesan show` was asked for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "adapters/cli/terminal/table_printer.hpp"
#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/row_selection.hpp"

namespace pesan::cli {

struct ShowOptions {
  runtime::Places places;
  runtime::RowQuestion rows;
  bool json = false;
  std::optional<std::size_t> limit;  // 0: all
  std::vector<std::string> as_of;
  std::size_t memory_mib = 512;

  Format format() const { return json ? Format::json : Format::table; }
  /// People get the first thousand unless they ask for more; machines get all.
  std::size_t most_rows() const {
    constexpr std::size_t for_people = 1000;
    const std::size_t asked = limit.value_or(json ? 0 : for_people);
    return asked == 0 ? static_cast<std::size_t>(-1) : asked;
  }
};

}  // namespace pesan::cli
