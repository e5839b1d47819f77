// The SQL objects of sql/ that a SQLite read model has too, as texts inside the program; the build
// writes the definitions. Constants; any thread.
#pragma once

#include <span>
#include <string_view>

namespace pesan::sqlite {

struct SqlObject {
  std::string_view name;
  std::string_view text;  // one statement that creates it
};

/// sql/views, by name.
std::span<const SqlObject> sql_views();

}  // namespace pesan::sqlite
