#include "adapters/cli/terminal/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto terminal_pause = 100ms;
constexpr auto plain_pause = 5s;
constexpr std::size_t bar_width = 30;

}  // namespace

Progress::Progress(std::string_view name, std::size_t total)
    : name_(name),
      total_(total),
      terminal_(::isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + (terminal_ ? 300ms : 5000ms)) {}

void Progress::update(std::size_t done, std::string_view note) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? std::chrono::milliseconds(terminal_pause) : plain_pause);
  draw(done, note);
}

void Progress::draw(std::size_t done, std::string_view note) {
  const double part =
      total_ == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const auto percent = total_ == 0 ? std::string() : fmt::format("{:3.0f} %", part * 100);
  if (!terminal_) {
    fmt::print(stderr, "{} {} {}\n", name_, percent, note);
    return;
  }
  const auto filled = static_cast<std::size_t>(part * bar_width);
  const auto bar =
      total_ == 0 ? std::string() : fmt::format("[{:<{}}] ", std::string(filled, '#'), bar_width);
  fmt::print(stderr, "\r{} {}{} {}\033[K", name_, bar, percent, note);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::finish() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace pesan::cli
