// The composition root: declares the command line, reads it, runs the one subcommand that was asked
// for. Options come from flags, then PESAN_… in the environment, then a config file.
#include <exception>
#include <functional>
#include <memory>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include "adapters/cli/command_line.hpp"
#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/toml_config.hpp"
#include "adapters/cli/version.hpp"
#include "adapters/runtime/thrown.hpp"

int main(int argc, char** argv) {
  using namespace pesan::cli;
  CLI::App app{
      "pesan: an event-sourced booking engine. Commands go in, each is decided exactly once,\n"
      "events come out and are folded into tables that dashboards read."};
  LoggingOptions logging;
  std::function<int()> run;
  app.require_subcommand(1);
  app.set_version_flag("--version", &version_text);
  app.set_config("--config", "",
                 "Read options from this file (TOML), those of a subcommand under its [name]");
  app.config_formatter(std::make_shared<TomlConfig>(app));
  add_logging_options(app, logging);
  const Program program{app, logging, run};
  add_serve(program);
  add_apply(program);
  add_show(program);
  add_verify(program);
  add_rebuild(program);
  add_dead_letters(program);
  add_tokens(program);
  add_backup(program);
  add_topics(program);
  add_migrate(program);
  add_schema(program);
  add_roles(program);
  name_environment(app);
  const auto with_newlines = drop_last_newlines(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) suggest(app);
    return app.exit(error) == 0 ? done : wrong_usage;
  }
  start_logging(logging);
  for (const auto& name : with_newlines) {
    spdlog::warn("the value of {} ends with a newline, which is not taken for a part of it", name);
  }
  try {
    return run();
  } catch (const std::exception& error) {
    say_failure(pesan::runtime::sentence_of(error));
    return outside_failed;
  }
}
