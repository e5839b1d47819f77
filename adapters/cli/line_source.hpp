// Lines of a file or of stdin, without blocking while something else can be done: what a pipe has
// brought so far is handed out, and a line is complete at its newline or at the end. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "events/failure.hpp"

namespace pesan::cli {

class LineSource {
 public:
  /// "-" or "" is stdin.
  static Fallible<LineSource> open(const std::string& path);
  LineSource(LineSource&& other) noexcept;
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource();

  /// Up to `most` lines, waiting at most `wait` for the first.
  Fallible<std::vector<std::string>> next(std::size_t most, std::chrono::milliseconds wait);
  /// Everything has been handed out.
  bool at_end() const { return ended_ && buffer_.size() == begin_; }
  /// Bytes in all of a regular file; 0 for a pipe.
  std::size_t size() const { return size_; }
  std::size_t consumed() const { return consumed_; }

 private:
  explicit LineSource(int file) : file_(file) {}
  Fallible<bool> fill(std::chrono::milliseconds wait);

  int file_;
  bool ended_ = false;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  std::size_t consumed_ = 0;
};

}  // namespace pesan::cli
