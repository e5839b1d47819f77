// The configuration file: TOML as toml++ reads it, handed to CLI11 as values of options. What
// stands under `[name]` belongs to that subcommand; what the environment says comes before it. A
// key that no option reads is refused with its line, so that nobody believes that it has an effect.
// One thread.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>

namespace pesan::cli {

class TomlConfig final : public CLI::ConfigTOML {
 public:
  /// `app` has the options that there are; it must outlive this.
  explicit TomlConfig(const CLI::App& app) : app_(app) {}

  /// Throws CLI::ConfigError with the line and column of what cannot be read.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  const CLI::App& app_;
};

}  // namespace pesan::cli
