// `pesan dead-letters`: what could not be read, and handing it in again.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/terminal/table_printer.hpp"
#include "adapters/runtime/dead_letter_office.hpp"
#include "adapters/runtime/display_text.hpp"
#include "adapters/runtime/installation.hpp"
#include "engine/command_processor.hpp"
#include "events/utf8.hpp"

namespace pesan::cli {
namespace {

constexpr std::size_t beginning_shown = 200;  // bytes

struct Options {
  runtime::Places places;
  bool json = false;
  std::size_t limit = 0;
  std::vector<std::int64_t> offsets;
  std::int64_t offset = 0;
  bool all = false;
  std::string file;
};

StoredValue header_of(const Payload& payload, std::string_view name) {
  for (const Header& header : payload.headers) {
    if (header.name == name) return std::string_view(header.value);
  }
  return {};
}

/// Its first characters, whole ones.
std::string beginning_of(std::string_view bytes) {
  std::size_t size = std::min(bytes.size(), beginning_shown);
  while (size > 0 && size < bytes.size() && !starts_character(bytes[size])) --size;
  return runtime::valid_utf8(bytes.substr(0, size));
}

Fallible<runtime::OpenedLog> open_log(const Options& options, runtime::LogAccess access) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  return installation->open_log(access);
}

Fallible<void> list(const Options& options) {
  auto log = open_log(options, runtime::LogAccess::read);
  if (!log) return std::unexpected(log.error());
  using enum ColumnType;
  TablePrinter table({{.name = "partition", .type = integer},
                      {.name = "offset", .type = integer},
                      {.name = "time", .type = instant},
                      {.name = "reason", .type = text, .whole = true},
                      {.name = "origin", .type = text, .whole = true},
                      {.name = "key", .type = text},
                      {.name = "bytes", .type = integer},
                      {.name = "beginning", .type = text}},
                     options.json ? Format::json : Format::table);
  const std::size_t most = options.limit == 0 ? static_cast<std::size_t>(-1) : options.limit;
  auto read = runtime::each_letter(**log, Offset{0}, [&](const Record& record) -> Fallible<bool> {
    if (table.rows() == most) return false;
    const Payload& letter = record.payload;
    const std::string time = to_string(record.timestamp);
    const std::string beginning = beginning_of(letter.value);
    const auto added = table.add(std::vector<StoredValue>{
        std::int64_t{runtime::dead_letters.partition.value}, record.offset.value,
        std::string_view(time), header_of(letter, reason_header), header_of(letter, origin_header),
        letter.key ? StoredValue(std::string_view(*letter.key)) : StoredValue(),
        static_cast<std::int64_t>(letter.value.size()),
        letter.null_value ? StoredValue() : StoredValue(std::string_view(beginning))});
    if (!added) return std::unexpected(added.error());
    return true;
  });
  if (!read) return read;
  auto printed = table.print();
  if (printed && !options.json) {
    fmt::print(stderr, "{} dead letter{}\n", table.rows(), table.rows() == 1 ? "" : "s");
  }
  return printed;
}

Fallible<void> print_bytes(const Options& options) {
  auto log = open_log(options, runtime::LogAccess::read);
  if (!log) return std::unexpected(log.error());
  const auto letter = runtime::letter_at(**log, options.offset);
  if (!letter) return std::unexpected(letter.error());
  if (letter->payload.null_value) {
    fmt::print(stderr, "dead letter {} has no value (null)\n", options.offset);
  }
  return print_out(letter->payload.value);
}

Fallible<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return fail(FailureKind::fatal, fmt::format("cannot read {}", path));
  }
  if (bytes.ends_with('\n')) bytes.pop_back();  // an editor's, not the command's
  return bytes;
}

Fallible<void> redrive(const Options& options) {
  if (options.all == !options.offsets.empty()) {
    return fail(FailureKind::usage, "dead-letters redrive: either --offset or --all");
  }
  if (!options.file.empty() && options.offsets.size() != 1) {
    return fail(FailureKind::usage, "dead-letters redrive: --file replaces one letter: --offset");
  }
  auto log = open_log(options, runtime::LogAccess::write);
  if (!log) return std::unexpected(log.error());
  std::optional<std::string> mended;
  if (!options.file.empty()) {
    auto bytes = content_of(options.file);
    if (!bytes) return std::unexpected(bytes.error());
    mended = *std::move(bytes);
  }
  runtime::Redrive again(**log, [](Offset letter, TopicPartition to, Offset command) {
    fmt::print("dead letter {} is command {}-{}\n", letter.value, to.partition.value,
               command.value);
  });
  auto sent = options.all ? again.all() : again.chosen(options.offsets, mended);
  if (!sent) return sent;
  if (again.count() == 0) {
    fmt::print(stderr, "there is no dead letter\n");
    return {};
  }
  fmt::print(stderr,
             "The engine that runs, or the next one, decides them. What it still cannot read "
             "becomes a dead letter again.\n");
  return {};
}

int answer(const Fallible<void>& done_or_not) {
  return done_or_not ? done : report(done_or_not.error());
}

constexpr const char* exit_codes =
    "Exit codes: 0 done, 2 wrong usage or no such letter, 3 a log that is not there or cannot be "
    "read.";

// Each has options of its own: the environment is read for all of them, whichever was asked for.
void add_list(Program program, CLI::App& group) {
  auto options = std::make_shared<Options>();
  auto& command = *group.add_subcommand(
      "list", "Print them: reason, the command's partition-offset, the first characters");
  add_log_option(command, options->places);
  command.add_flag("--json", options->json, "One JSON object a line");
  command.add_option("--limit", options->limit, "At most so many; 0 for all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.footer(exit_codes);
  command.callback(
      [program, options] { program.run = [options] { return answer(list(*options)); }; });
}

void add_print(Program program, CLI::App& group) {
  auto options = std::make_shared<Options>();
  auto& command = *group.add_subcommand("print", "Print the original bytes of one to stdout");
  add_log_option(command, options->places);
  command.add_option("OFFSET", options->offset, "Which one, as `list` shows it")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command.footer(exit_codes);
  command.callback(
      [program, options] { program.run = [options] { return answer(print_bytes(*options)); }; });
}

void add_redrive(Program program, CLI::App& group) {
  auto options = std::make_shared<Options>();
  auto& command = *group.add_subcommand(
      "redrive",
      "Append the original bytes to the commands again, without the headers that pesan added. The "
      "letter stays; what is still unreadable leaves another one.");
  add_log_option(command, options->places);
  command
      .add_option("--offset", options->offsets, "Which one, as `list` shows it; may be repeated")
      ->allow_extra_args(false)
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--all", options->all, "All of them, equal ones once");
  command.add_option("--file", options->file, "With one --offset: these bytes in its place");
  command.footer(std::string("Examples:\n"
                             "  pesan dead-letters redrive --offset 3\n"
                             "  pesan dead-letters print 3 > letter.json   # mend it, then\n"
                             "  pesan dead-letters redrive --offset 3 --file letter.json\n") +
                 exit_codes);
  command.callback(
      [program, options] { program.run = [options] { return answer(redrive(*options)); }; });
}

}  // namespace

void add_dead_letters(Program program) {
  auto& group = *program.app.add_subcommand(
      "dead-letters", "What arrived and could not be read: list it, print it, hand it in again");
  group.require_subcommand(1);
  add_list(program, group);
  add_print(program, group);
  add_redrive(program, group);
}

}  // namespace pesan::cli
