// `pesan schema`: the JSON Schemas of every command, event and result.
#include "events/schema.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/terminal/table_printer.hpp"
#include "adapters/cli/version.hpp"
#include "adapters/http/v1/openapi.hpp"

namespace pesan::cli {
namespace {

struct Options {
  std::string name;
  std::string folder;
  bool openapi = false;
  bool asyncapi = false;
};

std::string_view kind_of(SchemaKind kind) {
  switch (kind) {
    case SchemaKind::command: return "command";
    case SchemaKind::event: return "event";
    case SchemaKind::customer_event: return "customer event";
    case SchemaKind::result: return "result";
  }
  return {};
}

Fallible<void> list() {
  TablePrinter table({{.name = "name", .whole = true}, {.name = "of", .whole = true}},
                     Format::table);
  for (const SchemaName& schema : schema_names()) {
    auto added = table.add(std::vector<StoredValue>{schema.name, kind_of(schema.kind)});
    if (!added) return added;
  }
  return table.print();
}

Fallible<void> write(const std::filesystem::path& folder, const SchemaName& schema) {
  const auto path = folder / fmt::format("{}.json", schema.name);
  std::ofstream file(path, std::ios::binary);
  file << schema_of(schema);
  file.close();
  if (file.good()) return {};
  return fail(FailureKind::fatal, fmt::format("cannot write {}", path.string()));
}

Fallible<void> write_all(const std::string& folder) {
  std::error_code refused;
  std::filesystem::create_directories(folder, refused);
  if (refused) {
    return fail(FailureKind::fatal,
                fmt::format("cannot make the folder {}: {}", folder, refused.message()));
  }
  for (const SchemaName& schema : schema_names()) {
    if (auto written = write(folder, schema); !written) return written;
  }
  fmt::print(stderr, "{} schemas written to {}\n", schema_names().size(), folder);
  return {};
}

int schema(const Options& options) {
  if (options.openapi || options.asyncapi) {
    const auto printed = print_out(options.openapi ? http::v1::openapi(version_number())
                                                   : asyncapi(version_number()));
    return printed ? done : report(printed.error());
  }
  Fallible<void> answer;
  if (!options.folder.empty()) {
    if (!options.name.empty()) return report_usage("schema: either NAME or --out, not both");
    answer = write_all(options.folder);
  } else if (options.name.empty()) {
    answer = list();
  } else {
    const auto found = find_schema(options.name);
    if (!found) {
      return report_usage(
          fmt::format("there is no schema named {}; `pesan schema` lists them", options.name));
    }
    answer = print_out(schema_of(*found));
  }
  return answer ? done : report(answer.error());
}

}  // namespace

void add_schema(Program program) {
  auto options = std::make_shared<Options>();
  auto& command = *program.app.add_subcommand(
      "schema", "Print the JSON Schema of a command, event or result; without NAME list them all");
  command.add_option("NAME", options->name, "The CloudEvents type, e.g. CreateBooking");
  command.add_option("--out", options->folder, "Write all of them into this folder, a file each");
  auto* openapi = command.add_flag("--openapi", options->openapi,
                                   "Print what `serve` and `gateway` answer over HTTP, as OpenAPI");
  auto* asyncapi =
      command.add_flag("--asyncapi", options->asyncapi, "Print the topics of a log, as AsyncAPI");
  openapi->excludes(asyncapi)->excludes("NAME")->excludes("--out");
  asyncapi->excludes("NAME")->excludes("--out");
  command.footer(
      "Examples:\n"
      "  pesan schema\n"
      "  pesan schema CreateBooking\n"
      "  pesan schema --out schemas/\n"
      "  pesan schema --openapi\n"
      "Exit codes: 0 done, 2 no such schema, 3 the folder cannot be written.");
  command.callback([program, options] { program.run = [options] { return schema(*options); }; });
}

}  // namespace pesan::cli
