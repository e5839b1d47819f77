#include "tests/e2e/chaos/servers.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>

namespace pesan::chaos {
namespace {

const std::string stack_program = PESAN_SOURCE_DIR "/tests/support/stack/stack.py";

std::string address(const std::string& folder, const std::string& name) {
  std::ifstream lines(folder + "/addresses");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  }
  throw Broken{fmt::format("{} is not in {}/addresses: does the stack run?", name, folder)};
}

const char* only(Servers::Kind kind) { return kind == Servers::Kind::kafka ? "kafka" : "mariadb"; }

}  // namespace

Servers::Servers(std::string name)
    : name_(std::move(name)), folder_(PESAN_SOURCE_DIR "/build/stack/" + name_) {
  brokers_ = address(folder_, "PESAN_LOG").substr(std::string("kafka://").size());
  const std::string store = address(folder_, "PESAN_STORE");
  database_ = store.substr(0, store.rfind('/'));
  for (std::size_t colon = brokers_.find(':'); colon != std::string::npos;
       colon = brokers_.find(':', colon + 1)) {
    ports_.push_back(std::stoi(brokers_.substr(colon + 1)));
  }
}

void Servers::stack(Arguments words) {
  words.insert(words.begin(), stack_program);
  const Outcome outcome = run(words, {}, {}, "python3");
  if (outcome.exit_code != 0) throw Broken{outcome.err};
}

pid_t Servers::pid_in(const std::string& folder) {
  std::ifstream file(folder + "/pid");
  pid_t pid = 0;
  file >> pid;
  // The number may be another process's by now.
  std::ifstream command(fmt::format("/proc/{}/cmdline", pid));
  const std::string words{std::istreambuf_iterator<char>(command), {}};
  return words.contains(folder) ? pid : 0;
}

void Servers::signal_broker(int number, int signal) const {
  const pid_t pid = pid_in(fmt::format("{}/kafka/node{}", folder_, number + 1));
  if (pid > 0) ::kill(pid, signal);
}

void Servers::signal_database(int signal) const {
  const pid_t pid = pid_in(folder_ + "/mariadb");
  if (pid > 0) ::kill(pid, signal);
}

bool Servers::cut_connections_to(int number) const {
  const auto port = fmt::format(":{}", ports_.at(static_cast<std::size_t>(number)));
  const Outcome outcome = run({"-t", "-n", "-H", "-K", "dport", "=", port}, {}, {}, "ss");
  return outcome.exit_code == 0 && !outcome.out.empty();
}

void Servers::restart(Kind kind) {
  // A second one that comes while the first waits is told by the stack's own lock to wait.
  auto& program = restarts_[static_cast<std::size_t>(kind)];
  if (program != nullptr && program->running()) return;
  program = std::make_unique<Program>(
      Arguments{stack_program, "up", "--name", name_, "--only", only(kind)}, Environment{},
      "python3");
}

bool Servers::restarting(Kind kind) {
  auto& program = restarts_[static_cast<std::size_t>(kind)];
  if (program == nullptr) return false;
  if (program->running()) return true;
  const Outcome outcome = program->wait();
  if (outcome.exit_code != 0) throw Broken{outcome.err};
  program.reset();
  return false;
}

}  // namespace pesan::chaos
