#include "adapters/cli/toml_config.hpp"

#include <cstdlib>
#include <iterator>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "adapters/cli/suggestion.hpp"

namespace pesan::cli {
namespace {

[[noreturn]] void refuse(const toml::source_position& where, std::string_view why) {
  throw CLI::ConfigError(
      fmt::format("the configuration file, line {}, column {}: {}", where.line, where.column, why),
      CLI::ExitCodes::ConfigError);
}

/// A value as it would be typed.
std::string typed(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  std::ostringstream moment;  // a date, a time or both
  node.visit([&](const auto& value) {
    if constexpr (toml::is_chronological<decltype(value)>) moment << value;
  });
  if (moment.str().empty()) refuse(node.source().begin, "an option takes no table");
  return moment.str();
}

class Reading {
 public:
  explicit Reading(std::vector<CLI::ConfigItem>& items) : items_(items) {}

  /// What stands in `table`, which is `app`'s: the program's or a subcommand's.
  void read(const toml::table& table, const CLI::App& app) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (const auto* inner = node.as_table()) {
        const auto* command = subcommand(app, name);
        if (command == nullptr) {
          refuse(key.source().begin,
                 fmt::format("there is no subcommand `{}`{}", name, meant(name, subcommands(app))));
        }
        parents_.push_back(name);
        read(*inner, *command);
        parents_.pop_back();
        continue;
      }
      if (!is_in_environment(option(app, name, key.source().begin))) add(name, node);
    }
  }

 private:
  static std::vector<std::string> subcommands(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
  }
  static std::vector<std::string> options(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back(name);
    }
    return names;
  }
  static std::string meant(const std::string& typed, const std::vector<std::string>& names) {
    const auto found = nearest(typed, names);
    return found ? fmt::format("; did you mean `{}`?", *found) : std::string();
  }
  static const CLI::App* subcommand(const CLI::App& app, const std::string& name) {
    const auto found =
        app.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == name; });
    return found.empty() ? nullptr : found.front();
  }
  /// CLI11 takes the file first; here the environment, which is nearer to the call, comes before
  /// it.
  static bool is_in_environment(const CLI::Option& option) {
    const std::string name = option.get_envname();
    const char* given = name.empty() ? nullptr : std::getenv(name.c_str());
    return given != nullptr && *given != '\0';
  }
  const CLI::Option& option(const CLI::App& app, const std::string& name,
                            const toml::source_position& where) const {
    const auto* found = app.get_option_no_throw("--" + name);
    if (found != nullptr) return *found;
    const std::string of = parents_.empty() ? std::string("the program itself")
                                            : fmt::format("`{}`", fmt::join(parents_, " "));
    std::string what = fmt::format("{} has no option `{}`{}", of, name, meant(name, options(app)));
    if (parents_.empty()) {
      what += "; what belongs to a subcommand stands under its [name], such as [apply]";
    }
    refuse(where, what);
  }
  void add(const std::string& name, const toml::node& node) {
    CLI::ConfigItem item;
    item.parents = parents_;
    item.name = name;
    if (const auto* list = node.as_array()) {
      for (const auto& element : *list) item.inputs.push_back(typed(element));
    } else {
      item.inputs.push_back(typed(node));
    }
    if (!item.inputs.empty()) items_.push_back(std::move(item));
  }

  std::vector<CLI::ConfigItem>& items_;
  std::vector<std::string> parents_;
};

}  // namespace

std::vector<CLI::ConfigItem> TomlConfig::from_config(std::istream& input) const {
  std::vector<CLI::ConfigItem> values;
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  try {
    Reading(values).read(toml::parse(text), app_);
  } catch (const toml::parse_error& error) {
    refuse(error.source().begin, error.description());
  }
  return values;
}

}  // namespace pesan::cli
