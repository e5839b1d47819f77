#include "adapters/cli/terminal/spool.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace pesan::cli {
namespace {

std::unexpected<Failure> refused(std::string_view where) {
  return fail(FailureKind::fatal,
              fmt::format("cannot write {}: {}", where, std::generic_category().message(errno)));
}

}  // namespace

Fallible<void> Spool::settle() {
  if (text_.size() <= memory_) return {};
  if (file_ == nullptr) file_.reset(std::tmpfile());
  if (file_ == nullptr) return refused("a temporary file");
  if (std::fwrite(text_.data(), 1, text_.size(), file_.get()) != text_.size()) {
    return refused("a temporary file");
  }
  text_.clear();
  return {};
}

Fallible<void> Spool::print() {
  if (file_ != nullptr) {
    if (std::fflush(file_.get()) != 0) return refused("a temporary file");
    std::rewind(file_.get());
    std::vector<char> piece(std::size_t{1} << 20);
    while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), file_.get())) {
      if (std::fwrite(piece.data(), 1, size, stdout) != size) return refused("to stdout");
    }
    if (std::ferror(file_.get()) != 0) return refused("what a temporary file held");
    file_.reset();
  }
  auto printed = print_out(text_);
  text_.clear();
  return printed;
}

Fallible<void> print_out(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) return refused("to stdout");
  return {};
}

}  // namespace pesan::cli
