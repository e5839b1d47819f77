#include "adapters/cli/terminal/result_sink.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pesan::cli {

ResultSink::ResultSink(Options options) : options_(std::move(options)) {
  if (!options_.file.empty()) file_.open(options_.file, std::ios::binary);
}

Fallible<void> ResultSink::flush() {
  if (buffer_.empty()) return {};
  if (!options_.file.empty()) {
    file_ << buffer_;
    if (!file_.flush()) return cannot_write(options_.file);
  }
  if (!options_.quiet) {
    const auto written = std::fwrite(buffer_.data(), 1, buffer_.size(), stdout);
    if (written != buffer_.size() || std::fflush(stdout) != 0) return cannot_write("stdout");
  }
  buffer_.clear();
  return {};
}

std::unexpected<Failure> ResultSink::cannot_write(const std::string& where) const {
  return fail(FailureKind::fatal,
              fmt::format("cannot write {}: {}. {} results were made, not all of them are there; "
                          "the same commands again give the same outcomes",
                          where, std::generic_category().message(errno), lines_));
}

}  // namespace pesan::cli
