// `pesan tokens`: who may call the gateway, and as whom.
#include "adapters/http/v1/tokens.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/gateway_server.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/terminal/table_printer.hpp"

namespace pesan::cli {
namespace {

using http::v1::Client;
using http::v1::ClientRole;
using http::v1::Token;

constexpr auto exit_codes =
    "Exit codes: 0 done, 1 there is no such token, 2 wrong usage, 3 the file cannot be read.";

struct Options {
  runtime::Places places{};
  std::string file{};
  std::string name{};
  std::string role{};
  std::string actor{};
  bool any_actor = false;
  std::vector<std::string> resources{};
  bool json = false;
};

Fallible<std::string> file_of(const Options& options) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  std::string file = tokens_file(options.file, *installation);
  if (!file.empty()) return file;
  return fail(FailureKind::usage, "--tokens FILE says where they are, beside a log on Kafka");
}

Fallible<Client> client_in(const Options& options) {
  Client client{.name = options.name,
                .role = *parse_enum<ClientRole>(options.role),
                .actor_id = options.name,
                .any_actor = options.any_actor,
                .resources = options.resources};
  if (!options.actor.empty()) {
    const std::size_t colon = std::min(options.actor.find(':'), options.actor.size());
    const auto type = parse_enum<ActorType>(std::string_view(options.actor).substr(0, colon));
    if (!type || colon == options.actor.size()) {
      return fail(FailureKind::usage, fmt::format("--actor {}: an actor is TYPE:ID, and TYPE is "
                                                  "user, admin or system",
                                                  options.actor));
    }
    client.actor_type = *type;
    client.actor_id = options.actor.substr(colon + 1);
  }
  if (const auto fault = fault_of(client)) return fail(FailureKind::usage, *fault);
  return client;
}

int add(const Options& options) {
  const auto file = file_of(options);
  if (!file) return report(file.error());
  auto client = client_in(options);
  if (!client) return report(client.error());
  const std::string secret = http::v1::new_secret();
  const auto changed = http::v1::change_tokens(*file, [&](auto& tokens) -> Fallible<void> {
    if (std::ranges::any_of(tokens,
                            [&](const Token& t) { return t.client.name == client->name; })) {
      return fail(FailureKind::usage,
                  fmt::format("there is a token {} already; revoke it first, or take another name",
                              client->name));
    }
    tokens.push_back({.client = *client, .digest = http::v1::digest_of_secret(secret)});
    return {};
  });
  if (!changed) return report(changed.error());
  fmt::print("{}\n", secret);
  fmt::print(stderr, "keep it: it is shown this once, and {} knows only its digest\n", *file);
  return done;
}

int list(const Options& options) {
  const auto file = file_of(options);
  if (!file) return report(file.error());
  const auto tokens = http::v1::read_tokens(*file);
  if (!tokens) return report(tokens.error());
  TablePrinter table({{.name = "name", .whole = true, .always = true},
                      {.name = "role", .always = true},
                      {.name = "actor", .always = true},
                      {.name = "any_actor", .type = ColumnType::boolean, .always = true},
                      {.name = "resources"}},
                     options.json ? Format::json : Format::table);
  for (const Token& token : tokens->value_or(std::vector<Token>{})) {
    const Client& client = token.client;
    const std::string actor = fmt::format("{}:{}", name_of(client.actor_type), client.actor_id);
    const std::string resources = fmt::format("{}", fmt::join(client.resources, " "));
    const std::vector<StoredValue> row{
        std::string_view(client.name), name_of(client.role), std::string_view(actor),
        std::int64_t{client.any_actor},
        client.resources.empty() ? StoredValue{} : StoredValue{std::string_view(resources)}};
    if (auto added = table.add(row); !added) return report(added.error());
  }
  if (auto printed = table.print(); !printed) return report(printed.error());
  return done;
}

int revoke(const Options& options) {
  const auto file = file_of(options);
  if (!file) return report(file.error());
  bool found = false;
  const auto changed = http::v1::change_tokens(*file, [&](auto& tokens) -> Fallible<void> {
    found =
        std::erase_if(tokens, [&](const Token& t) { return t.client.name == options.name; }) > 0;
    return {};
  });
  if (!changed) return report(changed.error());
  if (found) return done;
  say_failure(fmt::format("there is no token {} in {}", options.name, *file));
  return answer_is_no;
}

CLI::App& add_command(CLI::App& group, const char* name, const char* description,
                      Options& options) {
  auto& command = *group.add_subcommand(name, description);
  add_log_option(command, options.places);
  add_tokens_option(command, options.file);
  command.footer(exit_codes);
  return command;
}

void add_add(Program program, CLI::App& group) {
  auto options = std::make_shared<Options>();
  auto& command = add_command(group, "add", "Make one, and print its secret once", *options);
  command.add_option("NAME", options->name, "Of the client; part of the source of its commands")
      ->required();
  command
      .add_option("--role", options->role,
                  "viewer: reads, without phones and e-mail addresses of guests; operator: writes "
                  "too; service: may write for any actor; admin: everything")
      ->required()
      ->check(CLI::IsMember({"viewer", "operator", "service", "admin"}));
  auto* actor = command.add_option("--actor", options->actor,
                                   "As whom it writes; admin:NAME where it is not said");
  actor->type_name("TYPE:ID");
  command
      .add_flag("--any-actor", options->any_actor,
                "A command may name its actor itself (service and admin alone)")
      ->excludes(actor);
  command
      .add_option("--resources", options->resources,
                  "What ids of the resources begin with that it is for; all where it is not "
                  "said")
      ->type_name("PREFIX");
  command.callback([program, options] { program.run = [options] { return add(*options); }; });
}

}  // namespace

void add_tokens(Program program) {
  auto& group = *program.app.add_subcommand(
      "tokens", "Who may call the gateway: add a token, list them, revoke one");
  group.require_subcommand(1);
  add_add(program, group);
  auto listing = std::make_shared<Options>();
  auto& list_command = add_command(group, "list", "Print all but their secrets", *listing);
  list_command.add_flag("--json", listing->json, "One JSON object a line");
  list_command.callback([program, listing] { program.run = [listing] { return list(*listing); }; });
  auto revoked = std::make_shared<Options>();
  auto& revoke_command = add_command(
      group, "revoke", "Take one away: it opens nothing from the next request on", *revoked);
  revoke_command.add_option("NAME", revoked->name, "Of the client")->required();
  revoke_command.callback(
      [program, revoked] { program.run = [revoked] { return revoke(*revoked); }; });
}

}  // namespace pesan::cli
