#include "adapters/cli/line_source.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pesan::cli {

Fallible<LineSource> LineSource::open(const std::string& path) {
  const bool standard = path.empty() || path == "-";
  const int file = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail(FailureKind::fatal, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  LineSource source(file);
  struct stat status{};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    source.size_ = static_cast<std::size_t>(status.st_size);
  }
  return source;
}

LineSource::LineSource(LineSource&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      ended_(other.ended_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      size_(other.size_),
      consumed_(other.consumed_) {}

LineSource::~LineSource() {
  if (file_ > STDIN_FILENO) ::close(file_);
}

Fallible<bool> LineSource::fill(std::chrono::milliseconds wait) {
  pollfd ready{.fd = file_, .events = POLLIN, .revents = 0};
  const int answer = ::poll(&ready, 1, static_cast<int>(wait.count()));
  if (answer == 0 || (answer < 0 && errno == EINTR)) return false;
  constexpr std::size_t chunk = std::size_t{256} << 10;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + chunk);
  const auto got = ::read(file_, buffer_.data() + size, chunk);
  buffer_.resize(size + static_cast<std::size_t>(got < 0 ? 0 : got));
  if (got < 0 && errno != EINTR) {
    return fail(FailureKind::fatal, fmt::format("cannot read the input: {}", std::strerror(errno)));
  }
  ended_ = got == 0;
  return got > 0;
}

Fallible<std::vector<std::string>> LineSource::next(std::size_t most,
                                                    std::chrono::milliseconds wait) {
  std::vector<std::string> lines;
  std::size_t searched = begin_;
  while (lines.size() < most) {
    const auto newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      std::size_t length = newline - begin_;
      if (length > 0 && buffer_[newline - 1] == '\r') --length;
      lines.push_back(buffer_.substr(begin_, length));
      consumed_ += newline + 1 - begin_;
      searched = begin_ = newline + 1;
      continue;
    }
    searched = buffer_.size();
    if (ended_) {
      if (begin_ < buffer_.size()) {  // the last line needs no newline
        lines.push_back(buffer_.substr(begin_));
        consumed_ += buffer_.size() - begin_;
        begin_ = buffer_.size();
      }
      break;
    }
    buffer_.erase(0, begin_);
    searched -= begin_;
    begin_ = 0;
    const auto filled = fill(lines.empty() ? wait : std::chrono::milliseconds{0});
    if (!filled) return std::unexpected(filled.error());
    if (!*filled && !ended_) break;
  }
  return lines;
}

}  // namespace pesan::cli
