// Lines of a file or of stdin, without blocking while something else can be done: what a pipe has
// brought so far is handed out, and a line is complete at its newline or at the end. A byte order
// mark at the very beginning, as some editors write it, is passed over. A line that is longer than
// any command is cut, so that memory is bounded. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "events/failure.hpp"

namespace pesan::files {

/// What topics and producers allow (docs/wire.md#sizes).
inline constexpr std::size_t most_line_bytes = std::size_t{2} << 20;

class LineSource {
 public:
  /// "-" or "" is stdin.
  static Fallible<LineSource> open(const std::string& path);
  LineSource(LineSource&& other) noexcept;
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource();

  struct Most {
    std::size_t lines = 0;
    std::size_t bytes = 0;  // no more lines after the one that passes it
  };
  /// Lines that are there, waiting at most `wait` for the first. One of more than
  /// `most_line_bytes` ends there, in such a way that it is no JSON; the rest of it is dropped.
  Fallible<std::vector<std::string>> next(const Most& most, std::chrono::milliseconds wait);
  /// Of a regular file: back to where it was when it was opened.
  bool can_rewind() const { return begin_of_file_.has_value(); }
  Fallible<void> rewind();
  /// Everything has been handed out.
  bool at_end() const { return ended_ && buffer_.size() == begin_; }
  /// Bytes in all of a regular file; 0 for a pipe.
  std::size_t size() const { return size_; }
  std::size_t consumed() const { return consumed_; }

 private:
  explicit LineSource(int file) : file_(file) {}
  Fallible<bool> fill(std::chrono::milliseconds wait);
  std::optional<std::string> take();
  bool pass_mark();
  std::string line_of(std::size_t length);
  void advance_to(std::size_t place);

  int file_;
  std::optional<off_t> begin_of_file_;
  bool ended_ = false;
  bool begun_ = false;  // whether there is a mark is known, and it is passed over
  std::string buffer_;
  std::size_t begin_ = 0;     // of the line that is next
  std::size_t searched_ = 0;  // there is no newline from begin_ to here
  bool dropping_ = false;     // up to the newline: the line was handed out already
  std::size_t size_ = 0;
  std::size_t consumed_ = 0;
};

}  // namespace pesan::files
