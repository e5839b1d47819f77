#include "adapters/cli/logging.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include "adapters/runtime/display_text.hpp"
#include "events/json_writer.hpp"
#include "events/time.hpp"

namespace pesan::cli {
namespace {

/// `%*` in a pattern: the message, which stays on its line whatever guests are called.
class LineMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string text = runtime::displayable({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LineMessage>();
  }
};

/// `%*` in a pattern: the message as a JSON string.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string text;
    JsonWriter json(text);
    json.text(runtime::valid_utf8({message.payload.data(), message.payload.size()}));
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

bool as_json = false;  // set before any thread starts

}  // namespace

void say_failure(std::string_view what) {
  if (!as_json) return fmt::print(stderr, "pesan: {}\n", what);
  // Whatever the level is: it is the last word of the process, and in the form of the others.
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  std::string line = R"({"time":)";
  JsonWriter json(line);
  json.plain(to_string(Instant{now.time_since_epoch().count()}));
  line += R"(,"level":"error","message":)";
  JsonWriter(line).text(runtime::valid_utf8(what));
  fmt::print(stderr, "{}}}\n", line);
}

void add_logging_options(CLI::App& command, LoggingOptions& options) {
  command.add_option("--log-format", options.format, "How log lines look on stderr")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_option("--log-level", options.level, "The least that is logged")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
}

void start_logging(const LoggingOptions& options) {
  auto logger = spdlog::stderr_color_mt("pesan");
  const bool json = as_json = options.format == "json";
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local,
      spdlog::details::os::default_eol);
  if (json) {
    formatter->add_flag<JsonMessage>('*');
    formatter->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  } else {
    formatter->add_flag<LineMessage>('*');
    formatter->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %*");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(options.level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace pesan::cli
