#include "adapters/files/line_source.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pesan::files {

Fallible<LineSource> LineSource::open(const std::string& path) {
  const bool standard = path.empty() || path == "-";
  const int file = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail(FailureKind::fatal,
                fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  }
  LineSource source(file);
  struct stat status{};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    source.size_ = static_cast<std::size_t>(status.st_size);
    const off_t begin = ::lseek(file, 0, SEEK_CUR);
    if (begin >= 0) source.begin_of_file_ = begin;
  }
  return source;
}

LineSource::LineSource(LineSource&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      begin_of_file_(other.begin_of_file_),
      ended_(other.ended_),
      begun_(other.begun_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      searched_(other.searched_),
      dropping_(other.dropping_),
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
    return fail(FailureKind::fatal,
                fmt::format("cannot read the input: {}", std::generic_category().message(errno)));
  }
  ended_ = got == 0;
  return got > 0;
}

Fallible<void> LineSource::rewind() {
  if (::lseek(file_, begin_of_file_.value(), SEEK_SET) < 0) {
    return fail(FailureKind::fatal, fmt::format("cannot read the input again: {}",
                                                std::generic_category().message(errno)));
  }
  buffer_.clear();
  ended_ = begun_ = dropping_ = false;
  begin_ = searched_ = consumed_ = 0;
  return {};
}

void LineSource::advance_to(std::size_t place) {
  consumed_ += place - begin_;
  begin_ = searched_ = place;
}

/// From begin_ on.
std::string LineSource::line_of(std::size_t length) {
  if (length <= most_line_bytes) return buffer_.substr(begin_, length);
  // Cut, it could still be JSON, if only white space were missing.
  constexpr std::string_view cut = " [cut";
  return buffer_.substr(begin_, most_line_bytes - cut.size()).append(cut);
}

/// False while what is there may be the beginning of a mark.
bool LineSource::pass_mark() {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (begun_) return true;
  if (buffer_.size() < mark.size() && mark.starts_with(buffer_) && !ended_) return false;
  begun_ = true;
  if (buffer_.starts_with(mark)) advance_to(mark.size());
  return true;
}

/// A line that the buffer has, or the beginning of one that is too long.
std::optional<std::string> LineSource::take() {
  if (!pass_mark()) return std::nullopt;
  const auto newline = buffer_.find('\n', searched_);
  const bool whole = newline != std::string::npos;
  const std::size_t end = whole ? newline : buffer_.size();
  searched_ = end;
  const bool was_dropping = dropping_;
  const bool too_long = end - begin_ > most_line_bytes;
  if (!whole && !was_dropping && !too_long && !(ended_ && begin_ < end)) return std::nullopt;
  dropping_ = !whole && (was_dropping || too_long);
  std::optional<std::string> line;
  if (!was_dropping) {
    const bool carriage_return = whole && end > begin_ && buffer_[end - 1] == '\r';
    line = line_of(end - begin_ - (carriage_return ? 1 : 0));
  }
  advance_to(whole ? end + 1 : end);
  return was_dropping && whole ? take() : line;
}

Fallible<std::vector<std::string>> LineSource::next(const Most& most,
                                                    std::chrono::milliseconds wait) {
  std::vector<std::string> lines;
  std::size_t bytes = 0;
  while (lines.size() < most.lines && bytes < most.bytes) {
    if (auto line = take()) {
      bytes += line->size();
      lines.push_back(*std::move(line));
      continue;
    }
    if (ended_) break;
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    const auto filled = fill(lines.empty() ? wait : std::chrono::milliseconds{0});
    if (!filled) return std::unexpected(filled.error());
    if (!*filled && !ended_) break;
  }
  return lines;
}

}  // namespace pesan::files
