#include "adapters/cli/gateway_server.hpp"

#include <chrono>
#include <filesystem>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/gateway_status.hpp"
#include "adapters/cli/version.hpp"
#include "adapters/http/v1/gateway.hpp"
#include "adapters/http/v1/tokens.hpp"
#include "adapters/runtime/desk_threads.hpp"

namespace pesan::cli {
namespace {

constexpr std::string_view no_gateway = "none";
constexpr std::size_t readers = 4;  // and one for those who wait for a position
/// All who wait for an outcome wait for the desk's look at the rows, which is one row.
constexpr std::chrono::seconds desk_store_answer{3};
/// At the end, to those who were not answered until then; and to find out what.
constexpr std::chrono::seconds time_to_say{1};
constexpr std::chrono::seconds time_to_know{2};

/// What callers on this machine call a server on loopback; elsewhere those alone that were named,
/// as nobody knows what others call this machine.
std::vector<std::string> hosts_of(const http::Address& address, const GatewayOptions& options) {
  std::vector<std::string> hosts = options.names;
  if (is_loopback(address)) {
    hosts.insert(hosts.end(), {"localhost", "127.0.0.1", "[::1]"});
  } else if (hosts.empty()) {
    return hosts;
  }
  const bool brackets = address.host.find(':') != std::string::npos;
  hosts.push_back(brackets ? fmt::format("[{}]", address.host) : address.host);
  return hosts;
}

void say_how_to_use_it(const http::Address& address, bool everybody) {
  const std::string url = fmt::format("http://{}", to_string(address));
  spdlog::info("HTTP at {}/v1", url);
  if (everybody) {
    spdlog::info(
        "there are no tokens: everybody who reaches it is admin `local`; `pesan tokens add` ends "
        "that");
  } else if (!is_loopback(address)) {
    spdlog::warn(
        "HTTP: tokens cross the network as they are, so whoever listens there can use them; put a "
        "proxy with TLS in front of it");
  }
  spdlog::info("try: curl {}/v1/rooms", url);
}

}  // namespace

void add_tokens_option(CLI::App& command, std::string& file) {
  command
      .add_option("--tokens", file,
                  "The file of the tokens for HTTP; by default tokens.jsonl beside an embedded log")
      ->type_name("FILE");
}

void add_gateway_options(CLI::App& command, GatewayOptions& options) {
  command
      .add_option("--http", options.http,
                  "Serve /v1 at this address; a PORT alone is on loopback, 0 any that is free, and "
                  "`none` serves nothing")
      ->check([](const std::string& text) {
        if (text == no_gateway) return std::string();
        const auto parsed = http::parse_address(text);
        return parsed ? std::string() : parsed.error().what;
      })
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command
      .add_option("--http-name", options.names,
                  "Another name of this server, as callers write it in Host; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_flag("--insecure", options.insecure,
                   "Let everybody who reaches --http be admin where there are no tokens");
  add_tokens_option(command, options.tokens);
  command
      .add_option("--rate", options.rate, "Requests a second of one token; more are told to wait")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
}

std::string tokens_file(const std::string& asked, const runtime::Installation& installation) {
  if (!asked.empty() || !installation.has_embedded_log()) return asked;
  const auto log = std::filesystem::path(installation.log_file());
  return (log.parent_path() / "tokens.jsonl").string();
}

Fallible<void> GatewayServer::check(const GatewayOptions& options,
                                    const runtime::Installation& installation) {
  if (options.http == no_gateway) return {};
  const auto address = http::parse_address(options.http);
  if (!address) return std::unexpected(address.error());
  const std::string file = tokens_file(options.tokens, installation);
  const auto tokens = file.empty() ? std::nullopt : http::v1::read_tokens(file);
  if (!tokens) return std::unexpected(tokens.error());
  const bool some = *tokens && !(*tokens)->empty();
  if (some || is_loopback(*address)) return {};
  if (options.insecure && !options.names.empty()) return {};
  if (options.insecure) {
    return fail(FailureKind::usage,
                fmt::format("--insecure --http {}: a page in anybody's browser could call this "
                            "server by a name of its own. Say the names that it goes by: "
                            "--http-name NAME",
                            options.http));
  }
  return fail(FailureKind::usage,
              fmt::format("--http {}: other machines may reach this address, and there are no "
                          "tokens{}. Make one with `pesan tokens add NAME --role ROLE`, listen on "
                          "127.0.0.1, or say --insecure to let everybody be admin",
                          options.http,
                          file.empty() ? " (--tokens FILE says where they are)"
                                       : fmt::format(" in {}", file)));
}

/// In the order in which they need each other; the last goes first.
struct GatewayServer::Parts {
  runtime::OpenedLog looking;  // for results here and there
  std::unique_ptr<RowReader> rows;
  std::unique_ptr<GatewayStatus> status;
  std::unique_ptr<runtime::Desk> desk;
  std::unique_ptr<runtime::DeskThreads> threads;
  std::unique_ptr<http::v1::Gateway> gateway;
  std::unique_ptr<http::Server> server;
  std::chrono::seconds ends_within;
};

GatewayServer::GatewayServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GatewayServer::~GatewayServer() {
  if (!parts_->server->finish(parts_->ends_within)) {
    // The others are told how far their commands have come, and that nobody waits any more. Who
    // would know may wait for a server that says nothing: then they are told without it.
    std::promise<void> said;
    const std::jthread ending([this, &said] {
      parts_->threads.reset();
      parts_->desk->close({FailureKind::transient, "this process ends"});
      parts_->gateway->close();
      said.set_value();
    });
    const bool known = said.get_future().wait_for(time_to_know) == std::future_status::ready;
    if (!known || !parts_->server->finish(time_to_say)) {
      parts_->server->answer_rest();
      if (!parts_->server->finish(time_to_say)) spdlog::warn("HTTP: some callers take no answer");
    }
  }
  parts_->server.reset();
  parts_->gateway.reset();
  parts_->threads.reset();
}

std::optional<std::string> GatewayServer::trouble() const {
  const auto why = parts_->desk->closed();
  return why ? std::optional(why->what) : std::nullopt;
}

const http::Address& GatewayServer::address() const { return parts_->server->address(); }

Fallible<std::unique_ptr<GatewayServer>> GatewayServer::start(
    const GatewayOptions& options, const runtime::Installation& installation,
    const runtime::OpenedLog& log) {
  const auto address = http::parse_address(options.http);
  if (!address) return std::unexpected(address.error());
  const runtime::Installation for_looking = installation.for_looking();
  auto looking = for_looking.open_log(runtime::LogAccess::read);
  if (!looking) return std::unexpected(looking.error());
  auto store = for_looking.store_answers_within(desk_store_answer).open_store();
  if (!store) return std::unexpected(store.error());
  auto desk = runtime::Desk::open(*log, *std::move(store), {.log_id = log.info().log_id});
  if (!desk) return std::unexpected(desk.error());
  auto parts = std::make_unique<Parts>(Parts{.looking = *std::move(looking),
                                             .rows = installation.row_reader(readers + 1),
                                             .status = nullptr,
                                             .desk = *std::move(desk),
                                             .threads = nullptr,
                                             .gateway = nullptr,
                                             .server = nullptr,
                                             .ends_within = options.ends_within});
  parts->threads = std::make_unique<runtime::DeskThreads>(*parts->desk);
  const std::string file = tokens_file(options.tokens, installation);
  const bool open = options.insecure || is_loopback(*address);
  parts->status = std::make_unique<GatewayStatus>(*parts->looking, *parts->rows, log.info());
  parts->gateway = std::make_unique<http::v1::Gateway>(
      *parts->desk,
      http::v1::Sources{.rows = *parts->rows,
                        .log = *parts->looking,
                        .status = [&status = *parts->status] { return status.now(); }},
      http::v1::Gateway::Options{.version = version_number(),
                                 .doors = {.tokens_file = file,
                                           .open_without_tokens = open,
                                           .hosts = hosts_of(*address, options)},
                                 .bounds = {.a_second = options.rate},
                                 .readers = readers});
  auto server = http::Server::start(
      *address,
      [&gateway = *parts->gateway](http::Request request, http::Responder responder) {
        gateway.handle(std::move(request), std::move(responder));
      },
      {.threads = 2,
       .body_bytes = http::v1::largest_array,
       .body_room = [&gateway = *parts->gateway](
                        const http::Request& head) { return gateway.body_room(head); },
       .refusal = http::v1::refusal});
  if (!server) {
    return fail(server.error().kind, fmt::format("--http: {}", server.error().what));
  }
  parts->server = *std::move(server);
  const auto tokens = file.empty() ? std::nullopt : http::v1::read_tokens(file);
  say_how_to_use_it(parts->server->address(), tokens && !*tokens);
  return std::unique_ptr<GatewayServer>(new GatewayServer(std::move(parts)));
}

}  // namespace pesan::cli
