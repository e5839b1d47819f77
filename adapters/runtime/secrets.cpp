#include "adapters/runtime/secrets.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pesan::runtime {
namespace {

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

Fallible<std::string> secret_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return fail(FailureKind::fatal,
                fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  }
  return without_last_newline(std::move(text));
}

Fallible<std::string> secret_in_or(const std::string& path, const char* variable) {
  if (!path.empty()) return secret_in(path);
  const char* given = std::getenv(variable);
  return without_last_newline(given == nullptr ? "" : given);
}

}  // namespace pesan::runtime
