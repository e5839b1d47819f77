#include "adapters/http/v1/doors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "adapters/http/v1/parsing.hpp"

namespace pesan::http::v1 {
namespace {

/// Between two lines about one address, and of how many addresses it is known when that was.
constexpr std::chrono::seconds between_warnings{10};
constexpr std::size_t most_warned = 1000;

/// `[::1]` of `[::1]:8080`.
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || !all_digits(host.substr(colon + 1))
             ? host
             : host.substr(0, colon);
}

std::unexpected<Problem> unauthenticated() {
  Problem problem = problem_of(Mistake::unauthenticated);
  problem.headers.push_back({.name = "WWW-Authenticate", .value = "Bearer realm=\"pesan\""});
  return std::unexpected(std::move(problem));
}

/// `host:80` of `http://host:80/v1/rooms`, as a caller of a proxy writes it; else nothing.
std::optional<std::string_view> site_in(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return std::nullopt;
  target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?"));
}

}  // namespace

Doors::Doors(Options options) : options_(std::move(options)) {
  static_cast<void>(tokens());  // what is wrong with it is said, and each request is told again
}

Answered<void> Doors::check_site(const Request& request) const {
  const std::string* host = request.find("Host");
  if (host == nullptr || host->empty()) {
    return refuse(Mistake::malformed_request, "The header Host is missing.");
  }
  const bool ours =
      options_.hosts.empty() || std::ranges::any_of(options_.hosts, [&](const std::string& name) {
        return same_name(name, without_port(*host));
      });
  const auto site = site_in(request.target);
  if (!ours || (site && !same_name(*site, *host))) return refuse(Mistake::wrong_host);
  const std::string* origin = request.find("Origin");
  if (origin == nullptr) return {};
  const std::size_t scheme = origin->find("://");
  const bool own =
      scheme != std::string::npos && same_name(std::string_view(*origin).substr(scheme + 3), *host);
  if (!own) return refuse(Mistake::wrong_origin);
  return {};
}

Answered<std::optional<Client>> Doors::client_of_request(const Request& request) {
  const auto known = tokens();
  if (!known) return std::unexpected(known.error());
  if (*known == nullptr) {
    return options_.open_without_tokens ? std::optional(local_admin()) : std::nullopt;
  }
  constexpr std::string_view scheme = "Bearer ";
  const std::string* header = request.find("Authorization");
  if (header == nullptr || header->size() <= scheme.size() ||
      !same_name(std::string_view(*header).substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  const Client* client = client_of(**known, std::string_view(*header).substr(scheme.size()));
  return client == nullptr ? std::nullopt : std::optional(*client);
}

Answered<Client> Doors::admit(const Request& request) {
  auto client = client_of_request(request);
  if (!client) return std::unexpected(client.error());
  if (*client) return **std::move(client);
  warn_of(request.peer);
  return unauthenticated();
}

/// However often somebody guesses, and from however many addresses, the log stays readable.
void Doors::warn_of(const std::string& peer) {
  const auto now = std::chrono::steady_clock::now();
  const std::scoped_lock lock(mutex_);
  if (warned_.size() >= most_warned && !warned_.contains(peer)) {
    std::erase_if(warned_, [&](const auto& one) { return now > one.second.at + between_warnings; });
    if (warned_.size() >= most_warned) return;
  }
  const auto [found, is_new] = warned_.try_emplace(peer);
  Warned& warned = found->second;
  if (!is_new && now <= warned.at + between_warnings) {
    ++warned.since;
    return;
  }
  spdlog::warn(
      "http: a caller at {} brought no token that is known ({} times more since the last "
      "such line)",
      peer, warned.since);
  warned = {.at = now};
}

Fallible<std::optional<Doors::Stamp>> Doors::stamp() const {
  if (options_.tokens_file.empty()) return std::nullopt;
  struct stat status{};
  if (::stat(options_.tokens_file.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return fail(FailureKind::fatal, fmt::format("cannot look at the tokens in {}: {}",
                                                options_.tokens_file, std::strerror(errno)));
  }
  return Stamp{.inode = status.st_ino,
               .size = status.st_size,
               .mode = status.st_mode,
               .changed_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

/// A file that is gone, or that cannot be read, opens nothing: who had no right before it broke has
/// none now.
Answered<Doors::Tokens> Doors::tokens() {
  const auto unreadable = [this](const Failure& failure) {
    if (said_ != failure.what) spdlog::error("http: {}", failure.what);
    said_ = failure.what;
    return refuse(Mistake::unavailable, "The tokens cannot be read.");
  };
  const std::scoped_lock lock(mutex_);
  const auto now = stamp();
  if (!now || *now) found_ = true;
  if (!found_) return nullptr;
  if (!now) return unreadable(now.error());
  if (*now && read_ == *now) return tokens_;
  auto read = *now ? read_tokens(options_.tokens_file) : std::optional<std::vector<Token>>();
  if (!read) return unreadable(read.error());
  tokens_ =
      std::make_shared<const std::vector<Token>>(*read ? *std::move(*read) : std::vector<Token>());
  read_ = *now;
  said_.clear();
  return tokens_;
}

}  // namespace pesan::http::v1
