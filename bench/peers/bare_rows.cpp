// What the projectors are measured against: the same rows, inserted into tables of the same make
// through the same connector, with lists of values and a commit each 8,000 rows, and nothing else:
// no event is read, nothing is folded, no row is written twice. The rows come from a database that
// has been projected, and are SQL before the clock starts.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/row_sql.hpp"
#include "bench/must.hpp"

namespace {

using namespace pesan;
using bench::must;

constexpr int rows_a_statement = 1000;
constexpr int statements_a_transaction = 8;
constexpr std::string_view copies = "bare_rows_";

mysql::Connection connect(const std::string& url) {
  return must(
      mysql::Connection::open({.address = must(mysql::parse_address(url)), .password = {}}));
}

std::string value_of(const mysql::Rows& rows, std::size_t column) {
  return rows.is_null(column) ? "NULL" : mysql::literal(rows.text(column));
}

/// The table's rows in the order of their events, as a projector meets them.
std::vector<std::string> statements_for(mysql::Connection& connection,
                                        const TableDescription& table) {
  const std::string columns = column_list(table, false);
  auto rows = must(connection.query(
      "read", fmt::format("SELECT {} FROM {} ORDER BY sequence", columns, table.name)));
  std::vector<std::string> statements;
  for (int count = 0; must(rows.next()); ++count) {
    if (count % rows_a_statement == 0) {
      statements.push_back(
          fmt::format("INSERT INTO {}{} ({}) VALUES ", copies, table.name, columns));
    } else {
      statements.back() += ',';
    }
    for (std::size_t i = 0; i < rows.width(); ++i) {
      statements.back() += (i == 0 ? "(" : ",") + value_of(rows, i);
    }
    statements.back() += ')';
  }
  return statements;
}

/// Seconds for all of them, dealt out to so many connections.
double insert(const std::string& url, const std::vector<std::string>& statements, int callers) {
  std::vector<mysql::Connection> connections;
  for (int i = 0; i < callers; ++i) connections.push_back(connect(url));
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  const auto begin = std::chrono::steady_clock::now();
  for (auto& connection : connections) {
    threads.emplace_back([&] {
      for (;;) {
        const std::size_t first = next.fetch_add(statements_a_transaction);
        if (first >= statements.size()) return;
        auto transaction = must(connection.begin());
        const auto last = std::min(first + statements_a_transaction, statements.size());
        for (std::size_t i = first; i < last; ++i) must(connection.execute("write", statements[i]));
        must(transaction.commit());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bare_rows STORE   (a database that has been projected)\n");
    return 2;
  }
  const std::string url = argv[1];
  auto connection = connect(url);
  std::vector<std::string> statements;
  for (const TableDescription& table : tables::all) {
    for (auto& statement : statements_for(connection, table)) {
      statements.push_back(std::move(statement));
    }
  }
  std::string best;
  double shortest = 0;
  for (const int callers : {1, 2, 4}) {
    for (const TableDescription& table : tables::all) {
      must(
          connection.execute("make", fmt::format("DROP TABLE IF EXISTS {}{}", copies, table.name)));
      must(connection.execute(
          "make", fmt::format("CREATE TABLE {}{} LIKE {}", copies, table.name, table.name)));
    }
    const double took = insert(url, statements, callers);
    if (shortest == 0 || took < shortest) shortest = took;
    best += fmt::format("{}\"{}\": {:.3f}", best.empty() ? "" : ", ", callers, took);
  }
  fmt::print("{{\"seconds\": {:.3f}, \"by_callers\": {{{}}}}}\n", shortest, best);
}
