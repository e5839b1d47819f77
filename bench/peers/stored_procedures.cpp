// The peer that upstream's systems are: each command of the workload is one CALL, by one caller or
// several, each with a connection of its own. A room's commands stay with one caller, so that they
// come in order. stored_procedures.sql has been run in the database before.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "adapters/mysql/connection.hpp"
#include "bench/must.hpp"
#include "bench/workload.hpp"
#include "events/partitioner.hpp"
#include "events/time.hpp"

namespace {

using namespace pesan;
using bench::must;

std::string call_of(const Command& command) {
  using mysql::literal;
  if (const auto* room = std::get_if<DefineRoom>(&command.body)) {
    return fmt::format("INSERT INTO peer_room VALUES ({}, {})", literal(command.resource.text),
                       room->units);
  }
  if (const auto* create = std::get_if<CreateBooking>(&command.body)) {
    return fmt::format("CALL peer_create({}, {}, '{}', '{}', {}, {}, {})",
                       literal(create->booking_id->text), literal(command.resource.text),
                       to_string(*create->check_in), to_string(*create->check_out),
                       literal(create->customer.name), literal(*create->customer.phone),
                       literal(*create->customer.email));
  }
  const auto change = [](std::string_view booking, std::string_view status) {
    return fmt::format("CALL peer_change({}, '{}')", literal(booking), status);
  };
  if (const auto* status = std::get_if<ChangeStatus>(&command.body)) {
    return change(status->booking_id.text, name_of(status->status));
  }
  if (const auto* payment = std::get_if<RecordPayment>(&command.body)) {
    return change(payment->booking_id.text, "paid");
  }
  if (const auto* in = std::get_if<CheckIn>(&command.body)) {
    return change(in->booking_id.text, "checked_in");
  }
  return change(std::get<CheckOut>(command.body).booking_id.text, "completed");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: stored_procedures STORE CALLERS COMMANDS\n");
    return 2;
  }
  const auto address = must(mysql::parse_address(argv[1]));
  const auto callers = std::atoi(argv[2]);
  const bench::Workload workload(
      {.rooms = 1000, .commands = std::atoll(argv[3]), .open_bookings = 2000});
  std::vector<std::vector<std::string>> calls(static_cast<std::size_t>(callers));
  for (const Command& command : workload.commands()) {
    const auto caller = partition_of(command.resource.text, callers).value;
    calls[static_cast<std::size_t>(caller)].push_back(call_of(command));
  }
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (const auto& mine : calls) {
    threads.emplace_back([&] {
      auto connection = must(mysql::Connection::open({.address = address, .password = {}}));
      for (const std::string& call : mine) must(connection.execute("call", call));
    });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("{{\"callers\": {}, \"per_s\": {:.0f}}}\n", callers,
             static_cast<double>(workload.commands().size()) / seconds.count());
}
