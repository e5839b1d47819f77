// `pesan dead-letters`: what could not be read, and handing it in again.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <tuple>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/terminal/table_printer.hpp"
#include "adapters/runtime/display_text.hpp"
#include "adapters/runtime/places.hpp"
#include "engine/command_processor.hpp"
#include "events/command_reader.hpp"
#include "events/partitioner.hpp"
#include "events/utf8.hpp"

namespace pesan::cli {
namespace {

/// Engines of all partitions write to this one.
constexpr TopicPartition letters{Topic::dead_letters, Partition{0}};
constexpr std::size_t beginning_shown = 200;  // bytes

struct Options {
  Places places;
  bool json = false;
  std::size_t limit = 0;
  std::vector<std::int64_t> offsets;
  std::int64_t offset = 0;
  bool all = false;
  std::string file;
};

bool is_added_by_pesan(const Header& header) {
  return header.name == reason_header || header.name == origin_header ||
         header.name == forwarded_header;
}

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
  return valid_utf8(bytes.substr(0, size));
}

/// All of them, or until `on_letter` answers false.
Fallible<void> each_letter(LogReader& log, Offset from,
                           const std::function<Fallible<bool>(const Record&)>& on_letter) {
  std::vector<Record> records;
  const auto range = log.range(letters);
  if (!range) return std::unexpected(range.error());
  for (Offset next = std::max(from, range->begin); next < range->end;) {
    if (auto read = log.read(letters, next, {}, records); !read) return read;
    if (records.empty()) return {};
    for (const Record& record : records) {
      if (record.offset >= range->end) return {};
      const auto more = on_letter(record);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
    }
    next = records.back().offset.next();
  }
  return {};
}

Fallible<Record> letter_at(LogReader& log, std::int64_t offset) {
  std::optional<Record> found;
  auto read = each_letter(log, Offset{offset}, [&](const Record& record) -> Fallible<bool> {
    if (record.offset.value == offset) found = record;
    return false;
  });
  if (!read) return std::unexpected(read.error());
  if (!found) return fail(FailureKind::poison, fmt::format("there is no dead letter {}", offset));
  return *std::move(found);
}

Fallible<void> list(const Options& options) {
  auto log = open_log(options.places, true);
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
  auto read = each_letter(**log, Offset{0}, [&](const Record& record) -> Fallible<bool> {
    if (table.rows() == most) return false;
    const Payload& letter = record.payload;
    const std::string time = to_string(record.timestamp);
    const std::string beginning = beginning_of(letter.value);
    const auto added = table.add(std::vector<StoredValue>{
        std::int64_t{letters.partition.value}, record.offset.value, std::string_view(time),
        header_of(letter, reason_header), header_of(letter, origin_header),
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
  auto log = open_log(options.places, true);
  if (!log) return std::unexpected(log.error());
  const auto letter = letter_at(**log, options.offset);
  if (!letter) return std::unexpected(letter.error());
  if (letter->payload.null_value) {
    fmt::print(stderr, "dead letter {} has no value (null)\n", options.offset);
  }
  return print_out(letter->payload.value);
}

OutgoingRecord handed_in_again(const Record& letter) {
  OutgoingRecord record{.to = {}, .payload = letter.payload};
  std::erase_if(record.payload.headers, is_added_by_pesan);
  return record;
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

/// Hands letters in again, so many at a time, and says which command each became.
class Redrive {
 public:
  explicit Redrive(Log& log) : log_(log) {}

  Fallible<void> add(const Record& letter, const std::optional<std::string>& mended = {}) {
    OutgoingRecord& record = outgoing_.emplace_back(handed_in_again(letter));
    letters_.push_back(letter.offset);
    if (mended) {
      record.payload.value = *mended;
      record.payload.null_value = false;
    }
    // Where the engine would want it, so that nobody has to forward it.
    const Envelope& envelope = reader_.read(record.payload.value);
    record.to = {Topic::commands, Partition{0}};
    if (envelope.resource) {
      record.payload.key = std::string(*envelope.resource);
      record.to.partition = partition_of(*envelope.resource, log_.partitions());
    }
    bytes_ += record.payload.value.size();
    return letters_.size() < most_letters && bytes_ < most_bytes ? Fallible<void>{} : flush();
  }
  Fallible<void> flush() {
    if (outgoing_.empty()) return {};
    const auto offsets = log_.append(outgoing_);
    if (!offsets) return std::unexpected(offsets.error());
    for (std::size_t i = 0; i < outgoing_.size(); ++i) {
      fmt::print("dead letter {} is command {}-{}\n", letters_[i].value,
                 outgoing_[i].to.partition.value, (*offsets)[i].value);
    }
    count += letters_.size();
    outgoing_.clear();
    letters_.clear();
    bytes_ = 0;
    return {};
  }
  std::size_t count = 0;

 private:
  static constexpr std::size_t most_letters = 1000;
  static constexpr std::size_t most_bytes = std::size_t{8} << 20;

  Log& log_;
  CommandReader reader_;
  std::vector<OutgoingRecord> outgoing_;
  std::vector<Offset> letters_;
  std::size_t bytes_ = 0;
};

/// Equal ones are sent once: what stays unreadable leaves one more letter each time, not twice as
/// many.
Fallible<void> redrive_all(Log& log, Redrive& again) {
  std::set<std::tuple<std::optional<std::string>, Digest, bool>> seen;
  return each_letter(log, Offset{0}, [&](const Record& letter) -> Fallible<bool> {
    const Payload& payload = letter.payload;
    if (seen.emplace(payload.key, digest_of(payload.value), payload.null_value).second) {
      if (auto added = again.add(letter); !added) return std::unexpected(added.error());
    }
    return true;
  });
}

/// All of them or none: they are looked up before the first is handed in.
Fallible<void> redrive_chosen(Log& log, Redrive& again, const Options& options) {
  std::optional<std::string> mended;
  if (!options.file.empty()) {
    auto bytes = content_of(options.file);
    if (!bytes) return std::unexpected(bytes.error());
    mended = *std::move(bytes);
  }
  std::vector<Record> found;
  for (const std::int64_t offset : options.offsets) {
    auto letter = letter_at(log, offset);
    if (!letter) return std::unexpected(letter.error());
    found.push_back(*std::move(letter));
  }
  for (const Record& letter : found) {
    if (auto added = again.add(letter, mended); !added) return added;
  }
  return {};
}

Fallible<void> redrive(const Options& options) {
  if (options.all == !options.offsets.empty()) {
    return fail(FailureKind::poison, "dead-letters redrive: either --offset or --all");
  }
  if (!options.file.empty() && options.offsets.size() != 1) {
    return fail(FailureKind::poison, "dead-letters redrive: --file replaces one letter: --offset");
  }
  auto log = open_log(options.places);
  if (!log) return std::unexpected(log.error());
  Redrive again(**log);
  auto added = options.all ? redrive_all(**log, again) : redrive_chosen(**log, again, options);
  if (!added) return added;
  if (auto sent = again.flush(); !sent) return sent;
  if (again.count == 0) {
    fmt::print(stderr, "there is no dead letter\n");
    return {};
  }
  fmt::print(stderr,
             "The engine that runs, or the next one, decides them. What it still cannot read "
             "becomes a dead letter again.\n");
  return {};
}

int answer(const Fallible<void>& done_or_not) {
  return done_or_not ? done : report_asked(done_or_not.error());
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
