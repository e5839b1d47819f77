// Where the real servers are that tests run on: CTest starts them (`./dev stack up --name …`) and
// names the file with their addresses in PESAN_TEST_STACK. By hand: PESAN_TEST_STACK=build/stack/
// dev/addresses. Any thread.
#pragma once

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace pesan {

/// The value of `name` among the addresses; throws, and so fails the test, where it is not there.
inline std::string stack_address(const std::string& name) {
  const char* file = std::getenv("PESAN_TEST_STACK");
  if (file == nullptr) throw std::runtime_error("PESAN_TEST_STACK is not set: no servers");
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  }
  throw std::runtime_error(name + " is not in " + file + ": do the servers run?");
}

/// host:port, several with commas between.
inline std::string kafka_brokers() {
  return stack_address("PESAN_LOG").substr(std::string("kafka://").size());
}

}  // namespace pesan
