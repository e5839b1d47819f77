#include "tests/e2e/program.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace pesan {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const Environment& more) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("PESAN_")) result.emplace_back(*entry);
  }
  for (const auto& [name, value] : more) result.push_back(name + "=" + value);
  return result;
}

int code_of(int status) { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

std::vector<std::string> Outcome::lines() const {
  std::vector<std::string> result;
  std::size_t begin = 0;
  while (begin < out.size()) {
    const std::size_t end = std::min(out.find('\n', begin), out.size());
    result.push_back(out.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "exit code " << outcome.exit_code << "\nstdout:\n"
             << outcome.out << "\nstderr:\n"
             << outcome.err;
}

Program::Program(const Arguments& arguments, const Environment& environment,
                 const std::string& program)
    : out_(nameless_file()), err_(nameless_file()) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto variables = environment_with(environment);

  // A program that ends while it is written to must not end the test.
  static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  static_cast<void>(ignored);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  input_ = ends[1];
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, ::fileno(out_.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ::fileno(err_.get()), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawnp(&process_, program.c_str(), &files, &attributes,
                                   pointers(words).data(), pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[0]);
  if (error != 0) {
    ::close(input_);
    throw std::runtime_error("cannot start " + program);
  }
}

Program::~Program() {
  close_input();
  if (running()) {
    signal(SIGKILL);
    wait();
  }
}

void Program::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(input_, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return;  // it reads no more; its exit code says why
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

void Program::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

void Program::signal(int number) const { ::kill(process_, number); }

bool Program::running() {
  int status = 0;
  if (!ended_ && ::waitpid(process_, &status, WNOHANG) == process_) {
    ended_ = true;
    exit_code_ = code_of(status);
  }
  return !ended_;
}

std::string Program::out() const { return content(out_); }
std::string Program::err() const { return content(err_); }

bool Program::wait_for(const File& file, std::string_view text, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const bool last = !running() || std::chrono::steady_clock::now() > deadline;
    if (content(file).find(text) != std::string::npos) return true;
    if (last) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

bool Program::wait_for_err(std::string_view text, std::chrono::seconds limit) {
  return wait_for(err_, text, limit);
}

bool Program::wait_for_out(std::string_view text, std::chrono::seconds limit) {
  return wait_for(out_, text, limit);
}

Outcome Program::wait() {
  close_input();
  int status = 0;
  while (!ended_) {
    if (::waitpid(process_, &status, 0) == process_) {
      ended_ = true;
      exit_code_ = code_of(status);
    } else if (errno != EINTR) {
      throw std::runtime_error("the program is nobody's child");
    }
  }
  return {.exit_code = exit_code_, .out = out(), .err = err()};
}

Program::File Program::nameless_file() {
  File file(std::tmpfile());
  if (file == nullptr) throw std::runtime_error("cannot make a temporary file");
  ::fcntl(::fileno(file.get()), F_SETFD, FD_CLOEXEC);
  return file;
}

std::string Program::content(const File& file) {
  struct stat info{};
  ::fstat(::fileno(file.get()), &info);
  std::string result(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < result.size()) {
    const ssize_t size = ::pread(::fileno(file.get()), result.data() + done, result.size() - done,
                                 static_cast<off_t>(done));
    if (size <= 0) break;
    done += static_cast<std::size_t>(size);
  }
  result.resize(done);
  return result;
}

Outcome run(const Arguments& arguments, std::string_view input, const Environment& environment,
            const std::string& program) {
  Program running(arguments, environment, program);
  running.send(input);
  return running.wait();
}

}  // namespace pesan
