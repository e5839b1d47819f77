// The subcommands of `pesan`. Each `add_…` declares its options on the app and leaves in `run` what
// is to be done when it is the one that was called; the answer is the exit code.
#pragma once

#include <functional>

#include <CLI/App.hpp>

#include "adapters/cli/logging.hpp"

namespace pesan::cli {

struct Program {
  CLI::App& app;
  LoggingOptions& logging;
  std::function<int()>& run;
};

void add_serve(Program program);
void add_roles(Program program);  // engine, registry, projector, gateway
void add_apply(Program program);
void add_show(Program program);
void add_verify(Program program);
void add_rebuild(Program program);
void add_topics(Program program);
void add_migrate(Program program);
void add_schema(Program program);
void add_dead_letters(Program program);
void add_tokens(Program program);
void add_backup(Program program);

}  // namespace pesan::cli
