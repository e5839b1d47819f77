// The ReadModel port on MySQL 8.4 and newer, or MariaDB 10.11 and newer. Its tables are made by
// `migrate`, never by the way. A connection that failed is thrown away and the next call opens
// another, so a server that went away is met by trying again. One object belongs to one thread;
// open one a thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/read_model_writer.hpp"
#include "adapters/mysql/row_sql.hpp"
#include "projections/read_model.hpp"

namespace pesan {

class MysqlReadModel final : public ReadModel {
 public:
  enum class Access : std::uint8_t {
    read,   // show, verify
    write,  // projectors, rebuild: ends first what a killed rebuild left
  };
  /// A schema that is not there, older or newer is refused with a sentence.
  static Fallible<std::unique_ptr<MysqlReadModel>> open(const mysql::Credentials& credentials,
                                                        Access access, Side side = Side::live);

  Fallible<void> apply(std::span<SourceChanges> round) override;
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override;
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override;
  Fallible<void> settle_rebuild() override;

  /// Adds whole rows where there are none, in a transaction of its own: for a rebuild, which moves
  /// no checkpoint until all are there.
  Fallible<void> load(Table table, std::span<const RowChange* const> rows);

 private:
  /// A connection and its writer.
  struct Session {
    Session(mysql::Connection opened, Side side)
        : connection(std::move(opened)), writer(connection, side) {}
    mysql::Connection connection;
    mysql::ReadModelWriter writer;
  };

  MysqlReadModel(mysql::Credentials credentials, Side side)
      : credentials_(std::move(credentials)), side_(side) {}
  /// Opens one where there is none that can be used.
  Fallible<Session*> session();
  static Fallible<void> apply_in(Session& session, std::span<SourceChanges> round);

  mysql::Credentials credentials_;
  Side side_;
  std::unique_ptr<Session> session_;
};

}  // namespace pesan
