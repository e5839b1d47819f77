// How far a long work is, on stderr: a bar where that is a terminal, a plain line every few seconds
// where not, and nothing at all for work that is over at once. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace pesan::cli {

class Progress {
 public:
  /// `total` 0: not known.
  Progress(std::string_view name, std::size_t total);
  void update(std::size_t done, std::string_view note);
  /// Clears the bar.
  void finish();

 private:
  void draw(std::size_t done, std::string_view note);

  std::string name_;
  std::size_t total_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace pesan::cli
