// The tables of sql/tables are those that projections/tables.hpp describes: the same columns in the
// same order, of the right types, with the same comments, and the indexes of
// projections/indexes.hpp.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "projections/access_paths.hpp"

namespace pesan {
namespace {

std::string text_of(std::string_view table) {
  std::ifstream file(fmt::format("{}/sql/tables/{}.sql", PESAN_SOURCE_DIR, table),
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What MySQL and MariaDB call a type. Moments have microseconds, although pesan writes
/// milliseconds: so does every other writer to such a column. JSON is text: the servers' own type
/// orders the keys anew.
std::string type_of(const Column& column) {
  switch (column.type) {
    case ColumnType::integer: return "BIGINT";
    case ColumnType::boolean: return "BOOLEAN";
    case ColumnType::text: return fmt::format("VARCHAR({})", column.width);
    case ColumnType::date: return "DATE";
    case ColumnType::time_of_day: return "TIME";
    case ColumnType::local_minute: return "DATETIME";
    case ColumnType::local_time:
    case ColumnType::instant: return "DATETIME(6)";
    case ColumnType::json: return "TEXT";
  }
  return {};
}

std::string expression_of(const Generated& generated) {
  if (generated.how == Generated::How::is_present) {
    return fmt::format("{} IS NOT NULL", generated.left);
  }
  return fmt::format("{} - {}", generated.left, generated.right);
}

std::string name_of(const Column& column) {
  return column.name == "partition" ? "`partition`" : std::string(column.name);  // a reserved word
}

/// As it stands between quotes.
std::string quoted(std::string_view comment) {
  std::string text;
  for (const char c : comment) text.append(c == '\'' ? 2 : 1, c);
  return text;
}

std::string definition_of(const Column& column) {
  std::string sql = fmt::format("  {} {}", name_of(column), type_of(column));
  if (column.is_generated()) {
    sql += fmt::format("\n    GENERATED ALWAYS AS ({}) VIRTUAL", expression_of(column.generated));
  } else if (!column.nullable) {
    sql += " NOT NULL";
  }
  return sql + fmt::format("\n    COMMENT '{}',\n", quoted(column.comment));
}

/// Everything but the indexes, which stand between both parts.
struct Definition {
  std::string begin;
  std::string end;
};

Definition definition_of(const TableDescription& table) {
  Definition sql;
  sql.begin = fmt::format("CREATE TABLE IF NOT EXISTS {} (\n", table.name);
  for (const Column& column : table.columns) sql.begin += definition_of(column);
  sql.begin += "  PRIMARY KEY (";
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    sql.begin += fmt::format("{}{}", i == 0 ? "" : ", ", name_of(table.columns[i]));
  }
  sql.begin += ")";
  sql.end = fmt::format(
      "\n) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin\n  COMMENT = '{}'\n",
      table.comment);
  return sql;
}

std::vector<TableDescription> described() {
  std::vector<TableDescription> all(tables::all.begin(), tables::all.end());
  all.push_back(tables::checkpoint);
  return all;
}

TEST(SqlTables, AreThoseThatTheFoldsWrite) {
  for (const TableDescription& table : described()) {
    SCOPED_TRACE(table.name);
    const std::string text = text_of(table.name);
    const Definition expected = definition_of(table);
    const std::size_t begin = text.find("CREATE TABLE");
    ASSERT_NE(begin, std::string::npos) << "sql/tables has no such file, or it makes no table";
    EXPECT_EQ(text.substr(begin, expected.begin.size()), expected.begin);
    EXPECT_TRUE(text.ends_with(expected.end)) << expected.end;
  }
}

std::vector<std::string> indexes_of(const TableDescription& table) {
  std::vector<std::string> lines;
  for (const Index& index : tables::indexes) {
    if (describe(index.table).name != table.name) continue;
    lines.push_back(fmt::format("{}KEY {} ({})", index.is_of_a_unique_column() ? "UNIQUE " : "",
                                index.name, fmt::join(index.columns(), ", ")));
  }
  std::ranges::sort(lines);
  return lines;
}

TEST(SqlTables, HaveTheIndexesThatAreDescribed) {
  const std::regex index("(UNIQUE )?KEY (\\w+) \\(([^)]*)\\)");
  for (const TableDescription& table : described()) {
    const std::string text = text_of(table.name);
    const std::size_t after_key = definition_of(table).begin.size() + text.find("CREATE TABLE");
    ASSERT_LE(after_key, text.size());
    const std::string rest = text.substr(after_key);
    std::vector<std::string> found;
    for (std::sregex_iterator line(rest.begin(), rest.end(), index), end; line != end; ++line) {
      found.push_back(line->str());
    }
    std::ranges::sort(found);
    EXPECT_EQ(found, indexes_of(table)) << table.name;
  }
}

TEST(SqlTables, HaveAnIndexOfEveryUniqueColumn) {
  for (const TableDescription& table : described()) {
    for (const Column& column : table.columns) {
      const auto lines = indexes_of(table);
      EXPECT_EQ(column.unique,
                std::ranges::any_of(lines,
                                    [&](const std::string& line) {
                                      return line.starts_with("UNIQUE ") &&
                                             line.ends_with(fmt::format("({})", column.name));
                                    }))
          << column.name;
    }
  }
}

TEST(AccessPaths, GoByEachIndexThatEveryStoreHasAndAreTheOnlyWayToOne) {
  for (const Index& index : tables::indexes) {
    const bool used = std::ranges::any_of(
        tables::paths, [&](const AccessPath& path) { return path.index == index.name; });
    EXPECT_EQ(used, index.where == Index::Where::everywhere) << index.name;
  }
}

TEST(Indexes, HaveAQuestionEachOfPagesOrOfCallersInSql) {
  for (const Index& index : tables::indexes) {
    EXPECT_TRUE(index.where == Index::Where::everywhere || !index.readers.empty()) << index.name;
    for (const DroppedIndex& dropped : tables::dropped_indexes) {
      EXPECT_NE(index.name, dropped.name) << "an index that comes back needs another name";
    }
  }
}

std::string file_text(const std::string& path) {
  std::ifstream file(PESAN_SOURCE_DIR "/sql/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The first group of every match.
std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

/// The checkpoints and every read model: what a backup copies and a projector writes.
std::vector<std::string> names() {
  std::vector<std::string> all{std::string(tables::checkpoint.name)};
  for (const TableDescription& table : tables::all) all.emplace_back(table.name);
  return all;
}

TEST(SqlBackup, TakesTheCheckpointsAndEveryReadModel) {
  const std::string text = file_text("procedures/for_each_read_model.sql");
  const std::size_t begin = text.find("CONCAT_WS(','");
  ASSERT_NE(begin, text.npos);
  const std::string list = text.substr(begin + 13, text.find(')', begin + 13) - begin - 13);
  EXPECT_EQ(matches(list, "'(\\w+)'"), names());
}

TEST(SqlGrants, LetAProjectorWriteTheCheckpointsAndEveryReadModel) {
  const std::string text = file_text("grants.sql");
  EXPECT_EQ(matches(text, "GRANT INSERT, UPDATE, DELETE ON (\\w+) TO pesan_projector;"), names());
}

TEST(SqlObjects, HaveTheNameOfTheirFile) {
  for (const auto& [folder, kind] :
       std::vector<std::pair<std::string, std::string>>{{"tables", "TABLE IF NOT EXISTS"},
                                                        {"views", "VIEW"},
                                                        {"procedures", "PROCEDURE"},
                                                        {"functions", "FUNCTION"}}) {
    for (const auto& file :
         std::filesystem::directory_iterator(PESAN_SOURCE_DIR "/sql/" + folder)) {
      const std::string name = file.path().stem().string();
      std::ifstream stream(file.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      const std::regex create("\nCREATE " + kind + " " + name + "\\b");
      EXPECT_TRUE(std::regex_search("\n" + text, create)) << file.path();
      EXPECT_TRUE(text.starts_with("-- ")) << file.path() << " does not say what it is for";
    }
  }
}

}  // namespace
}  // namespace pesan
