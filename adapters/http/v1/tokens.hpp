// The tokens of an installation (docs/http.md#tokens): secrets that only their owners have, known
// here by their SHA-256, and the file that they stand in, a JSON object a line. A secret is looked
// for in constant time. The functions may be called by any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/v1/client.hpp"
#include "events/failure.hpp"

namespace pesan::http::v1 {

struct Token {
  Client client;
  std::string digest;  // SHA-256 of the secret, in hexadecimal
  bool operator==(const Token&) const = default;
};

/// 256 bits that nobody can guess, with `pesan_` in front.
std::string new_secret();
std::string digest_of_secret(std::string_view secret);
/// Null where nobody has this secret.
const Client* client_of(const std::vector<Token>& tokens, std::string_view secret);

/// What is wrong with a token that a person describes; nothing: it can be added.
std::optional<std::string> fault_of(const Client& client);

std::string text_of(const std::vector<Token>& tokens);
/// A failure names the line.
Fallible<std::vector<Token>> parse_tokens(std::string_view text);

/// Nothing where there is no file.
Fallible<std::optional<std::vector<Token>>> read_tokens(const std::string& path);
/// Changes the file as a whole, for its owner's eyes alone, while no other process does. `change`
/// may refuse; then the file stays as it is.
Fallible<void> change_tokens(const std::string& path,
                             const std::function<Fallible<void>(std::vector<Token>&)>& change);

}  // namespace pesan::http::v1
