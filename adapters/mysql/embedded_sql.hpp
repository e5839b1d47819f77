// The SQL objects of sql/ as texts inside the program, so that `pesan migrate` needs no files; the
// build writes the definitions. Constants; any thread.
#pragma once

#include <span>
#include <string_view>

namespace pesan::mysql {

struct SqlObject {
  std::string_view name;
  std::string_view text;  // comments, and one statement that creates it
};

/// sql/tables, sql/views, sql/procedures and sql/functions, each by name.
std::span<const SqlObject> sql_tables();
std::span<const SqlObject> sql_views();
std::span<const SqlObject> sql_procedures();
std::span<const SqlObject> sql_functions();

}  // namespace pesan::mysql
