#include "adapters/sqlite/made_by_others.hpp"

#include <utility>

namespace pesan::sqlite {

Fallible<Made> indexes_and_triggers(Database& database) {
  auto found = database.prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql NOT NULL");
  if (!found) return std::unexpected(found.error());
  Made made;
  while (true) {
    const auto more = found->step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return made;
    made.emplace(found->text(0), found->text(1));
  }
}

Fallible<void> make_again(Database& database, const Made& before) {
  const auto now = indexes_and_triggers(database);
  if (!now) return std::unexpected(now.error());
  for (const auto& [name, sql] : before) {
    if (now->contains(name)) continue;
    if (auto made = database.execute(sql); !made) return made;
  }
  return {};
}

}  // namespace pesan::sqlite
