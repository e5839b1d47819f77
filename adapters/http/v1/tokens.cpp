#include "adapters/http/v1/tokens.hpp"

#include <algorithm>
#include <array>

#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "events/ascii.hpp"
#include "events/assert.hpp"
#include "events/json_document.hpp"
#include "events/json_writer.hpp"
#include "events/limits.hpp"
#include "events/utf8.hpp"

namespace pesan::http::v1 {
namespace {

constexpr std::size_t longest_name = 50;

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

void append_token(std::string& out, const Token& token) {
  JsonWriter json(out);
  json.begin_object();
  json.key("name");
  json.text(token.client.name);
  json.key("role");
  json.plain(name_of(token.client.role));
  json.key("actor");
  json.begin_object();
  json.key("type");
  json.plain(name_of(token.client.actor_type));
  json.key("id");
  json.text(token.client.actor_id);
  json.end_object();
  json.key("any_actor");
  json.boolean(token.client.any_actor);
  json.key("resources");
  json.begin_array();
  for (const std::string& prefix : token.client.resources) json.text(prefix);
  json.end_array();
  json.key("sha256");
  json.plain(token.digest);
  json.end_object();
  out.push_back('\n');
}

std::optional<std::string> text_in(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string(text->data(), text->size());
}

bool read_actor(const boost::json::object& object, Client& client) {
  const auto* value = object.if_contains("actor");
  const auto* actor = value == nullptr ? nullptr : value->if_object();
  if (actor == nullptr) return false;
  const auto type = parse_enum<ActorType>(text_in(*actor, "type").value_or(""));
  auto id = text_in(*actor, "id");
  if (!type || !id) return false;
  client.actor_type = *type;
  client.actor_id = *std::move(id);
  return true;
}

bool read_resources(const boost::json::object& object, Client& client) {
  const auto* value = object.if_contains("resources");
  const auto* prefixes = value == nullptr ? nullptr : value->if_array();
  if (prefixes == nullptr) return false;
  for (const auto& prefix : *prefixes) {
    if (!prefix.is_string()) return false;
    client.resources.emplace_back(prefix.get_string());
  }
  return true;
}

/// Nothing where the line is no token: what cannot be read as a whole gives no rights.
std::optional<Token> token_in(JsonDocument& document, std::string_view line) {
  const auto* value = document.parse(line);
  const auto* object = value == nullptr ? nullptr : value->if_object();
  if (object == nullptr || object->size() != 6) return std::nullopt;
  const auto role = parse_enum<ClientRole>(text_in(*object, "role").value_or(""));
  const auto* any_actor = object->if_contains("any_actor");
  auto digest = text_in(*object, "sha256");
  Token token;
  if (!role || any_actor == nullptr || !any_actor->is_bool() || !digest ||
      !read_actor(*object, token.client) || !read_resources(*object, token.client)) {
    return std::nullopt;
  }
  token.client.name = text_in(*object, "name").value_or("");
  token.client.role = *role;
  token.client.any_actor = any_actor->get_bool();
  token.digest = *std::move(digest);
  if (fault_of(token.client) || token.digest.size() != 64) return std::nullopt;
  return token;
}

}  // namespace

std::string new_secret() {
  std::array<unsigned char, 32> bytes{};
  const int made = RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  PESAN_ASSERT(made == 1, "this machine has no randomness to make a secret of");
  return "pesan_" + hexadecimal({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string digest_of_secret(std::string_view secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const int made =
      EVP_Digest(secret.data(), secret.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  PESAN_ASSERT(made == 1, "there is no SHA-256 on this machine");
  return hexadecimal({reinterpret_cast<const char*>(bytes.data()), size});
}

/// Looks at all of them, wherever it is found: how long that takes says nothing.
const Client* client_of(const std::vector<Token>& tokens, std::string_view secret) {
  const std::string digest = digest_of_secret(secret);
  const Client* found = nullptr;
  for (const Token& token : tokens) {
    const bool same = token.digest.size() == digest.size() &&
                      CRYPTO_memcmp(token.digest.data(), digest.data(), digest.size()) == 0;
    if (same) found = &token.client;
  }
  return found;
}

std::optional<std::string> fault_of(const Client& client) {
  const bool plain = std::ranges::all_of(
      client.name, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
  if (client.name.empty() || client.name.size() > longest_name || !plain) {
    return fmt::format("a token's name has 1 to {} letters, digits, - and _", longest_name);
  }
  if (client.name == local_admin().name) {
    return "the name `local` is that of callers who need no token";
  }
  if (client.actor_id.empty() || utf8_length(client.actor_id) > limit::short_text) {
    return fmt::format("an actor is TYPE:ID, with an id of 1 to {} characters", limit::short_text);
  }
  if (client.any_actor && client.role < ClientRole::service) {
    return "only a service or an admin may write for any actor";
  }
  if (std::ranges::any_of(client.resources, &std::string::empty)) {
    return "a prefix of resources has one character or more";
  }
  return std::nullopt;
}

std::string text_of(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) append_token(text, token);
  return text;
}

Fallible<std::vector<Token>> parse_tokens(std::string_view text) {
  std::vector<Token> tokens;
  JsonDocument document;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    auto token = token_in(document, one);
    if (!token) {
      return fail(FailureKind::fatal,
                  fmt::format("line {} is no token; `pesan tokens` writes this file", line));
    }
    tokens.push_back(*std::move(token));
  }
  return tokens;
}

}  // namespace pesan::http::v1
