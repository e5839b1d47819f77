#include "adapters/http/v1/doors.hpp"

#include <algorithm>
#include <string_view>

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "adapters/http/v1/parsing.hpp"

namespace pesan::http::v1 {
namespace {

/// `[::1]` of `[::1]:8080`.
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || !all_digits(host.substr(colon + 1))
             ? host
             : host.substr(0, colon);
}

std::unexpected<Problem> unauthenticated(std::string_view peer) {
  spdlog::warn("http: a caller at {} brought no token that is known", peer);
  Problem problem = problem_of(Mistake::unauthenticated);
  problem.headers.push_back({.name = "WWW-Authenticate", .value = "Bearer realm=\"pesan\""});
  return std::unexpected(std::move(problem));
}

}  // namespace

Answered<void> Doors::check_site(const Request& request) const {
  const std::string* host = request.find("Host");
  if (host == nullptr || host->empty()) {
    return refuse(Mistake::malformed_request, "The header Host is missing.");
  }
  const bool ours =
      options_.hosts.empty() || std::ranges::any_of(options_.hosts, [&](const std::string& name) {
        return same_name(name, without_port(*host));
      });
  if (!ours) return refuse(Mistake::wrong_host);
  const std::string* origin = request.find("Origin");
  if (origin == nullptr) return {};
  const std::size_t scheme = origin->find("://");
  const bool own =
      scheme != std::string::npos && same_name(std::string_view(*origin).substr(scheme + 3), *host);
  if (!own) return refuse(Mistake::wrong_origin);
  return {};
}

Answered<Client> Doors::admit(const Request& request) {
  const auto known = tokens();
  if (!known) return std::unexpected(known.error());
  if (*known == nullptr) {
    if (options_.open_without_tokens) return local_admin();
    return unauthenticated(request.peer);
  }
  constexpr std::string_view scheme = "Bearer ";
  const std::string* header = request.find("Authorization");
  if (header == nullptr || header->size() <= scheme.size() ||
      !same_name(std::string_view(*header).substr(0, scheme.size()), scheme)) {
    return unauthenticated(request.peer);
  }
  const Client* client = client_of(**known, std::string_view(*header).substr(scheme.size()));
  if (client == nullptr) return unauthenticated(request.peer);
  return *client;
}

std::optional<Doors::Stamp> Doors::stamp() const {
  struct stat status{};
  if (options_.tokens_file.empty() || ::stat(options_.tokens_file.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return Stamp{.inode = status.st_ino,
               .size = status.st_size,
               .changed_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

/// A file that is gone, or that cannot be read, opens nothing: who had no right before it broke has
/// none now.
Answered<Doors::Tokens> Doors::tokens() {
  const std::scoped_lock lock(mutex_);
  const auto now = stamp();
  if (!now && tokens_ == nullptr) return tokens_;
  if (now && read_ == now) return tokens_;
  auto read = now ? read_tokens(options_.tokens_file) : std::optional<std::vector<Token>>();
  if (!read) {
    spdlog::error("http: {}", read.error().what);
    return refuse(Mistake::unavailable, "The tokens cannot be read.");
  }
  tokens_ =
      std::make_shared<const std::vector<Token>>(*read ? *std::move(*read) : std::vector<Token>());
  read_ = now;
  return tokens_;
}

}  // namespace pesan::http::v1
