#include "adapters/cli/command_line.hpp"

#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

#include "adapters/cli/suggestion.hpp"

namespace pesan::cli {
namespace {

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

}  // namespace

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

void suggest(const CLI::App& app) {
  const CLI::App* asked = &app;  // the subcommand of a subcommand that was reached
  while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    const bool option = word.starts_with("-");
    const auto names = names_in(*asked, option);
    if (names.empty()) continue;
    const std::string typed = option ? word.substr(0, word.find('=')) : word;
    const auto meant = nearest(typed, names);
    fmt::print(stderr, "pesan: there is no {} `{}`{}\n", option ? "option" : "subcommand", typed,
               meant ? fmt::format("; did you mean `{}`?", *meant) : "");
    return;
  }
}

}  // namespace pesan::cli
