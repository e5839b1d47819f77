// Output that is collected first and printed afterwards: while rows are read from a snapshot nobody
// may wait for a reader of stdout (a pager, a slow pipe), or the snapshot would hold the store
// back. What outgrows memory goes to a nameless file. One thread.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "events/failure.hpp"

namespace pesan::cli {

class Spool {
 public:
  explicit Spool(std::size_t memory = std::size_t{64} << 20) : memory_(memory) {}

  /// The text is added to; `settle` after every few lines keeps it small.
  std::string& text() { return text_; }
  Fallible<void> settle();
  /// All of it to stdout. A failure when stdout takes no more (a full disk).
  Fallible<void> print();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::size_t memory_;
  std::string text_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// Writes to stdout and makes sure that it went out.
Fallible<void> print_out(std::string_view text);

}  // namespace pesan::cli
