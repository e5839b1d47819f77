// Where the results of `apply` go: stdout, a file, both or nowhere; a line each. What cannot be
// written is a failure that says so: what was decided stays decided. One thread.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

#include "events/failure.hpp"

namespace pesan::cli {

class ResultSink {
 public:
  struct Options {
    bool quiet = false;  // nothing to stdout
    std::string file;    // "": none
  };
  explicit ResultSink(Options options);

  bool open() const { return options_.file.empty() || file_.good(); }
  void write(std::string_view result) {
    buffer_.append(result).push_back('\n');
    ++lines_;
  }
  Fallible<void> flush();
  bool full() const { return buffer_.size() > (std::size_t{1} << 16); }

 private:
  std::unexpected<Failure> cannot_write(const std::string& where) const;

  Options options_;
  std::string buffer_;
  std::size_t lines_ = 0;
  std::ofstream file_;
};

}  // namespace pesan::cli
