// The projector role, writing only the tables that the peer of RESULTS.md has too: availability
// (a room's row and its nights), booking, history and checkpoint. What is dropped are the rows of
// the other tables, behind the fold; everything else is pesan's own. Runs until it is terminated.
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "adapters/cli/logging.hpp"
#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/roles.hpp"
#include "bench/must.hpp"

namespace {

using namespace pesan;
using bench::must;

constexpr TableSet peer_tables{Table::room_availability, Table::room_night, Table::booking,
                               Table::booking_history};

/// A read model that has some tables only.
class SomeTables final : public ReadModel {
 public:
  SomeTables(std::unique_ptr<ReadModel> model, TableSet tables)
      : model_(std::move(model)), tables_(tables) {}

  Fallible<void> apply(std::span<SourceChanges> round) override {
    std::vector<RowChanges> some;
    some.reserve(round.size());
    for (SourceChanges& one : round) {
      some.emplace_back(RowFilter{.tables = tables_}).merge(*one.changes);
      one.changes = &some.back();
    }
    return model_->apply(round);
  }
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override {
    return model_->checkpoint(source);
  }
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override { return model_->snapshot(); }
  Fallible<void> settle_rebuild() override { return model_->settle_rebuild(); }

 private:
  std::unique_ptr<ReadModel> model_;
  TableSet tables_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: peer_tables_bench LOG STORE\n");
    return 2;
  }
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);  // also in the threads that start from here on
  cli::start_logging({.format = "json"});
  const auto installation = must(runtime::Installation::at({.log = argv[1], .store = argv[2]}));
  const auto log = must(installation.open_log());
  runtime::RoleOptions options{.roles = {runtime::RoleKind::projector}};
  must(runtime::place_roles(options, {}, installation, log));
  const auto open = [&]() -> Fallible<std::unique_ptr<ReadModel>> {
    auto store = installation.open_store();
    if (!store) return store;
    return std::make_unique<SomeTables>(std::move(*store), peer_tables);
  };
  runtime::Roles roles(*log, open, std::move(options));
  roles.start();
  int signal = 0;
  sigwait(&end, &signal);
  roles.stop();
  if (const auto failure = roles.failure()) {
    fmt::print(stderr, "peer_tables_bench: {}\n", failure->what);
    return 3;
  }
}
