#include "tests/e2e/chaos/servers.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

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

/// The words with which the process in a server's folder was started; none where none runs, as its
/// number may be another process's by now.
std::pair<pid_t, std::vector<std::string>> process_in(const std::string& folder) {
  pid_t pid = 0;
  std::ifstream(folder + "/pid") >> pid;
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid));
  std::vector<std::string> words;
  bool mine = false;
  for (std::string word; std::getline(file, word, '\0');) {
    mine = mine || word.contains(folder);
    words.push_back(word);
  }
  if (!mine) return {};
  return {pid, std::move(words)};
}

void must(const std::string& what, const Outcome& outcome) {
  if (outcome.exit_code == 0) return;
  throw Broken{
      fmt::format("{}: exit code {}\n{}{}", what, outcome.exit_code, outcome.out, outcome.err)};
}

bool listens(int port) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool answers =
      ::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(file);
  return answers;
}

}  // namespace

Servers::Servers(std::string name)
    : name_(std::move(name)), folder_(PESAN_SOURCE_DIR "/build/stack/" + name_) {
  stack("up");
  brokers_ = address(folder_, "PESAN_LOG").substr(std::string("kafka://").size());
  const std::string store = address(folder_, "PESAN_STORE");
  database_ = store.substr(0, store.rfind('/'));
  const auto server_in = [](std::string folder, const std::string& port) {
    return Server{.folder = folder, .port = std::stoi(port), .command = process_in(folder).second};
  };
  for (std::size_t colon = brokers_.find(':'); colon != std::string::npos;
       colon = brokers_.find(':', colon + 1)) {
    all_brokers_.push_back(
        server_in(fmt::format("{}/kafka/node{}", folder_, all_brokers_.size() + 1),
                  brokers_.substr(colon + 1)));
  }
  mariadb_ = server_in(folder_ + "/mariadb", database_.substr(database_.rfind(':') + 1));
}

Outcome Servers::ask_stack(const std::string& command) const {
  return run({stack_program, command, "--name", name_}, {}, {}, "python3");
}

void Servers::stack(const std::string& command) const {
  must("./dev stack " + command, ask_stack(command));
}

void Servers::signal(const Server& server, int number) {
  const pid_t pid = process_in(server.folder).first;
  if (pid > 0) ::kill(pid, number);
}

/// Nobody's child, as the stack's own program leaves it, with its number where that looks for it.
void Servers::restart(const Server& server) {
  if (server.command.empty()) throw Broken{server.folder + " did not run when this began"};
  // One that was killed holds its port until the last of its threads has ended.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (listens(server.port)) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw Broken{fmt::format("{} was killed, and port {} is taken", server.folder, server.port)};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  Arguments words{"-c",
                  R"(cd "$0" && { setsid "$@" </dev/null >>server.log 2>&1 & echo $! >pid; })",
                  server.folder};
  words.insert(words.end(), server.command.begin(), server.command.end());
  must("start " + server.folder, run(words, {}, {}, "sh"));
}

void Servers::signal_broker(int number, int signal) const {
  Servers::signal(all_brokers_.at(static_cast<std::size_t>(number)), signal);
}

void Servers::signal_database(int signal) const { Servers::signal(mariadb_, signal); }

bool Servers::cut_connections_to(int number) const {
  const auto& server = all_brokers_.at(static_cast<std::size_t>(number));
  const auto port = fmt::format(":{}", server.port);
  const Outcome outcome = run({"-t", "-n", "-H", "-K", "dport", "=", port}, {}, {}, "ss");
  return outcome.exit_code == 0 && !outcome.out.empty();
}

void Servers::restart_broker(int number) const {
  restart(all_brokers_.at(static_cast<std::size_t>(number)));
}

void Servers::restart_database() const { restart(mariadb_); }

bool Servers::broker_listens(int number) const {
  return listens(all_brokers_.at(static_cast<std::size_t>(number)).port);
}

bool Servers::database_listens() const { return listens(mariadb_.port); }

void Servers::await() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{120};
  for (;;) {
    const Outcome status = ask_stack("status");
    if (status.exit_code == 0) return;
    if (std::chrono::steady_clock::now() > deadline) must("./dev stack status", status);
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
}

}  // namespace pesan::chaos
