// The composition root: declares the command line, reads it, runs the one subcommand that was asked
// for. Options come from flags, then PESAN_… in the environment, then a config file.
#include <cctype>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/suggestion.hpp"
#include "adapters/cli/toml_config.hpp"
#include "adapters/cli/version.hpp"

namespace {

/// --log-format is PESAN_LOG_FORMAT, of every option of every subcommand.
void name_environment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    std::string name = "PESAN_";
    for (const char c : option->get_lnames().front()) {
      name.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
    }
    if (name != "PESAN_HELP" && name != "PESAN_VERSION") option->envname(name);
  }
  for (CLI::App* command : app.get_subcommands({})) name_environment(*command);
}

/// A variable made from a file often has the file's last newline in it, and with that it would be
/// another path or name. Answers the variables that had one.
std::vector<std::string> drop_last_newlines(const CLI::App& app) {
  std::vector<std::string> dropped;
  for (const CLI::Option* option : app.get_options()) {
    const std::string& name = option->get_envname();
    const char* given = name.empty() ? nullptr : std::getenv(name.c_str());
    if (given == nullptr) continue;
    std::string value = given;
    while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
    if (value == given) continue;
    ::setenv(name.c_str(), value.c_str(), 1);
    dropped.push_back(name);
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    for (auto& name : drop_last_newlines(*command)) dropped.push_back(std::move(name));
  }
  return dropped;
}

std::vector<std::string> names_in(const CLI::App& app, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : app.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  }
  return names;
}

/// What was typed that nobody reads, and what may have been meant: CLI11 names it at most.
void suggest(const CLI::App& app) {
  const CLI::App* asked = &app;  // the subcommand of a subcommand that was reached
  while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    const bool option = word.starts_with("-");
    const auto names = names_in(*asked, option);
    if (names.empty()) continue;
    const std::string typed = option ? word.substr(0, word.find('=')) : word;
    const auto meant = pesan::cli::nearest(typed, names);
    fmt::print(stderr, "pesan: there is no {} `{}`{}\n", option ? "option" : "subcommand", typed,
               meant ? fmt::format("; did you mean `{}`?", *meant) : "");
    return;
  }
}

}  // namespace

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
    say_failure(error.what());
    return outside_failed;
  }
}
