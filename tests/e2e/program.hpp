// The real program (PESAN_PROGRAM) as tests run it: its arguments, what stdin brings, and at the
// end its exit code with everything it wrote to stdout and stderr. Output goes to nameless files,
// so a program that writes a lot never waits for its reader. A test that ends early kills what it
// started.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace pesan {

struct Outcome {
  int exit_code = 0;  // minus the signal, when one ended it
  std::string out;
  std::string err;

  /// The lines of stdout, without their newlines.
  std::vector<std::string> lines() const;
};
/// For failures of tests: all there is to see.
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

using Arguments = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

/// A program that runs. Its environment is the test's without any PESAN_…, and `environment`.
class Program {
 public:
  /// `program` instead of pesan: a path, or a name that is looked for where programs are.
  explicit Program(const Arguments& arguments, const Environment& environment = {},
                   const std::string& program = PESAN_PROGRAM);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// To its stdin. Do not send more than it reads: this waits for it.
  void send(std::string_view text);
  void close_input();
  void signal(int number) const;
  bool running();
  pid_t id() const { return process_; }
  /// What it has written so far.
  std::string out() const;
  std::string err() const;
  /// Until stderr (or stdout) has `text` in it; false when it ends or the time is over before that.
  bool wait_for_err(std::string_view text, std::chrono::seconds limit = std::chrono::seconds{20});
  bool wait_for_out(std::string_view text, std::chrono::seconds limit = std::chrono::seconds{20});
  /// Closes its stdin, and waits for its end.
  Outcome wait();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  static File nameless_file();
  static std::string content(const File& file);
  bool wait_for(const File& file, std::string_view text, std::chrono::seconds limit);

  File out_;
  File err_;
  int input_ = -1;
  pid_t process_ = -1;
  bool ended_ = false;
  int exit_code_ = 0;
};

/// Runs it to its end.
Outcome run(const Arguments& arguments, std::string_view input = {},
            const Environment& environment = {}, const std::string& program = PESAN_PROGRAM);

}  // namespace pesan
