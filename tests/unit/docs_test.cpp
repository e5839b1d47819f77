// The documents say what the program does: the tables of docs/tables.md are made from
// projections/tables.hpp, those of docs/ways_in.md from projections/access_paths.hpp and
// projections/indexes.hpp; commands, statuses and rejections of docs/domain.md are compared.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/status_table.hpp"
#include "events/rejection.hpp"
#include "events/schema.hpp"
#include "projections/access_paths.hpp"

namespace pesan {
namespace {

namespace fs = std::filesystem;

fs::path docs(std::string_view file) { return fs::path(PESAN_SOURCE_DIR) / "docs" / file; }

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// ---- docs/tables.md ----

std::string_view name_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer: return "integer";
    case ColumnType::text: return "text";
    case ColumnType::date: return "date";
    case ColumnType::time_of_day: return "time";
    case ColumnType::local_minute: return "minute";
    case ColumnType::local_time: return "local";
    case ColumnType::instant: return "instant";
    case ColumnType::boolean: return "boolean";
    case ColumnType::json: return "json";
  }
  return "";
}

std::string row_of(const Column& column) {
  return fmt::format("| `{}` | {}{}{}{} | {} |\n", column.name, name_of(column.type),
                     column.width > 0 ? fmt::format(" {}", column.width) : "",
                     column.nullable ? "?" : "", column.unique ? ", unique" : "", column.comment);
}

std::string section_of(const TableDescription& table) {
  std::string text = fmt::format("\n### {}\n\n{}; from ", table.name, table.comment);
  const bool rows = table.name != tables::checkpoint.name;
  text += rows ? fmt::format("`{}`", name_of(table.source)) : std::string("both topics");
  text += ". Key:";
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    text += fmt::format("{} `{}`", i == 0 ? "" : ",", table.columns[i].name);
  }
  text += ".\n\n| column | type | |\n|---|---|---|\n";
  for (const Column& column : table.columns) {
    const bool stamp = column.name == "sequence" || column.name == "updated_at";
    if (!rows || !stamp) text += row_of(column);
  }
  return text;
}

std::string all_sections() {
  std::string text;
  for (const TableDescription& table : tables::all) text += section_of(table);
  return text + section_of(tables::checkpoint) + "\n";
}

std::string column_names(const AccessPath& path, std::span<const ColumnIndex> places) {
  std::string names;
  for (const ColumnIndex place : places) {
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", path.column(place).name);
  }
  return names;
}

std::string all_paths() {
  std::string text = "\n| table | by | for |\n|---|---|---|\n";
  for (const AccessPath& path : tables::paths) {
    text += fmt::format("| `{}` | {}{}{} | {} |\n", describe(path.table).name,
                        column_names(path, path.equals()), path.equal == 0 ? "" : " = ",
                        column_names(path, path.order()), path.question);
  }
  return text + "\n";
}

/// The questions that pages answer by it, then who asks in SQL.
std::string reason_of(const Index& index) {
  std::string text;
  for (const AccessPath& path : tables::paths) {
    if (path.index == index.name) text += (text.empty() ? "" : "; ") + std::string(path.question);
  }
  std::istringstream readers{std::string(index.readers)};
  for (std::string reader; std::getline(readers, reader, ',');) {
    const bool routine = reader.find(' ') == reader.npos;
    text += text.empty() ? "" : "; ";
    text += routine ? fmt::format("`{}`", reader) : fmt::format("the panel *{}*", reader);
  }
  return text;
}

std::string all_indexes() {
  std::string text = "\n| index | of | stores | for |\n|---|---|---|---|\n";
  for (const Index& index : tables::indexes) {
    text +=
        fmt::format("| `{}` | `{}` | {} | {} |\n", index.name, fmt::join(index.columns(), "`, `"),
                    index.where == Index::Where::everywhere ? "all" : "servers", reason_of(index));
  }
  return text + "\n";
}

/// What is made stands between two marks.
void expect_made(std::string_view file, std::string_view begin_mark, std::string_view end_mark,
                 const std::string& expected) {
  const fs::path path = docs(file);
  std::string text = text_of(path);
  const std::size_t begin = text.find(begin_mark);
  const std::size_t first = text.find(" writes it anew -->\n", begin) + 20;
  const std::size_t end = text.find(end_mark);
  ASSERT_TRUE(begin != text.npos && end != text.npos && first <= end) << "its marks are gone";
  if (std::getenv("PESAN_WRITE_DOCS") != nullptr) {
    text.replace(first, end - first, expected);
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_TRUE(text.substr(first, end - first) == expected)
      << path
      << " does not say what the program says: run this test once with "
         "PESAN_WRITE_DOCS=1 in the environment";
}

// `PESAN_WRITE_DOCS=1 build/release/tests/unit_tests --gtest_filter=DocsOfTables.*` writes them.
TEST(DocsOfTables, AreThoseOfTheProgram) {
  expect_made("tables.md", "<!-- made from projections/tables.hpp",
              "<!-- the end of what is made -->\n", all_sections());
}

TEST(DocsOfTables, HaveTheAccessPathsOfTheProgram) {
  expect_made("ways_in.md", "<!-- made from projections/access_paths.hpp",
              "<!-- the end of the paths -->\n", all_paths());
}

TEST(DocsOfTables, SayWhatEachIndexIsFor) {
  expect_made("ways_in.md", "<!-- made from projections/indexes.hpp",
              "<!-- the end of the indexes -->\n", all_indexes());
}

TEST(DocsOfTables, NameEveryTableViewAndRoutine) {
  const std::string text = text_of(docs("tables.md"));
  for (const char* folder : {"tables", "views", "procedures", "functions"}) {
    for (const auto& file : fs::directory_iterator(fs::path(PESAN_SOURCE_DIR) / "sql" / folder)) {
      const std::string name = file.path().stem().string();
      const std::regex named("(`|### )" + name + "\\b");
      EXPECT_TRUE(std::regex_search(text, named)) << "docs/tables.md does not name " << name;
    }
  }
}

// ---- docs/domain.md ----

/// The cells of each row of the table behind a heading, its head left out.
std::vector<std::vector<std::string>> table_behind(std::string_view heading) {
  std::istringstream text(text_of(docs("domain.md")));
  std::vector<std::vector<std::string>> rows;
  bool behind = false;
  for (std::string line; std::getline(text, line);) {
    behind = behind || line == heading;
    if (behind && line.starts_with("| ")) {
      std::istringstream row(line.substr(2));
      auto& cells = rows.emplace_back();
      for (std::string cell; std::getline(row, cell, '|');) {
        cells.push_back(cell.substr(0, cell.find_last_not_of(' ') + 1));
        row >> std::ws;
      }
    } else if (!rows.empty() && !line.starts_with("|")) {
      break;
    }
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

TEST(DocsOfTheDomain, HaveTheCellsOfTheStatusTable) {
  const auto rows = table_behind("## Status");
  ASSERT_EQ(rows.size(), EnumNames<Status>::names.size());
  for (std::size_t from = 0; from < rows.size(); ++from) {
    ASSERT_EQ(rows[from].size(), rows.size() + 1);
    EXPECT_EQ(rows[from][0], EnumNames<Status>::names[from]);
    for (std::size_t to = 0; to < rows.size(); ++to) {
      const char expected =
          static_cast<char>(cell(static_cast<Status>(from), static_cast<Status>(to)));
      EXPECT_EQ(rows[from][to + 1], std::string(1, expected))
          << rows[from][0] << " to " << EnumNames<Status>::names[to];
    }
  }
}

/// What the row of a command should say, without what stands in brackets: `units, price_minor?`.
std::string fields_of(std::string_view command) {
  const auto schema = boost::json::parse(schema_of(find_schema(command).value()));
  const auto& data = schema.at("properties").at("data");
  const auto& required = data.at("required").as_array();
  std::string fields;
  for (const auto& [name, rule] : data.at("properties").as_object()) {
    if (name == "resource" || name == "actor" || name == "reason" || name == "expected_version") {
      continue;
    }
    if (!fields.empty()) fields += ", ";
    fields += std::string(name) + (std::ranges::find(required, name) == required.end() ? "?" : "");
  }
  return fields;
}

TEST(DocsOfTheDomain, HaveTheFieldsOfEachCommandInTheirOrder) {
  const std::regex inside(R"( (\([^)]*\)|\{[^}]*\}))");
  std::size_t commands = 0;
  for (const auto& row : table_behind("## Commands")) {
    std::istringstream names(row.at(0));
    for (std::string name; std::getline(names >> std::ws, name, ',');) {
      EXPECT_EQ(std::regex_replace(row.at(1), inside, ""), fields_of(name)) << name;
      ++commands;
    }
  }
  const auto all = schema_names();
  EXPECT_EQ(commands, static_cast<std::size_t>(std::ranges::count(
                          all, SchemaKind::command, [](const SchemaName& s) { return s.kind; })));
}

struct Row {
  std::string code;
  std::string stage;
  std::string message;
};

/// The rows of its table of rejections, in order.
std::vector<Row> rejections() {
  std::vector<Row> rows;
  for (const auto& cells : table_behind("## Rejections")) {
    EXPECT_EQ(cells.size(), 4U);
    EXPECT_FALSE(cells.at(3).empty()) << cells[0] << " has no example";
    rows.push_back({cells[0].substr(1, cells[0].size() - 2), cells.at(1), cells.at(2)});
  }
  return rows;
}

TEST(DocsOfRejections, HaveARowForEveryCodeInTheOrderOfPrecedence) {
  std::vector<CodeRow> expected(code_table.begin(), code_table.end());
  std::ranges::stable_sort(expected, {}, &CodeRow::stage);
  // It came later than the others, and is judged before those of its stage.
  const auto not_due = std::ranges::find(expected, Code::not_due, &CodeRow::code);
  const auto first = std::ranges::find(expected, Stage::transition, &CodeRow::stage);
  std::rotate(first, not_due, not_due + 1);
  const auto rows = rejections();
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].code, expected[i].name);
}

TEST(DocsOfRejections, SayTheMessageOfEachCode) {
  for (const Row& row : rejections()) {
    const auto code = parse_enum<Code>(row.code);
    ASSERT_TRUE(code) << row.code;
    EXPECT_EQ(row.message, message_of(*code)) << row.code;
  }
}

TEST(DocsOfRejections, SayTheStagesOfEachCode) {
  for (const Row& row : rejections()) {
    const CodeRow& expected = row_of(parse_enum<Code>(row.code).value());
    std::string stages(name_of(expected.stage));
    if (expected.again) stages.append(", ").append(name_of(*expected.again));
    EXPECT_EQ(row.stage, stages) << row.code;
  }
}

}  // namespace
}  // namespace pesan
