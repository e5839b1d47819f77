#include "tests/support/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

namespace pesan {

ChildProcess::ChildProcess(const std::function<void(const Tell&)>& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ == 0) {
    ::close(ends[0]);
    int code = 0;
    try {
      work([&](std::int64_t number) {
        if (::write(ends[1], &number, sizeof number) != sizeof number) ::_exit(2);
      });
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "child process: %s\n", failure.what());
      code = 1;
    }
    ::_exit(code);  // nothing of the parent's test may run here
  }
  ::close(ends[1]);
  told_ = ends[0];
}

ChildProcess::~ChildProcess() {
  if (process_ > 0) kill();
  ::close(told_);
}

std::optional<std::int64_t> ChildProcess::next() {
  std::int64_t number = 0;  // written in one piece: a pipe does not tear what is this small
  ssize_t size = 0;
  do {
    size = ::read(told_, &number, sizeof number);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof number) return std::nullopt;
  return number;
}

void ChildProcess::kill() {
  ::kill(process_, SIGKILL);
  wait();
}

int ChildProcess::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace pesan
