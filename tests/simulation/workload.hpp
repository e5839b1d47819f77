// What clients send, drawn from a seed: few resources with little room, every command, every kind
// of actor, breaches of every rule, bytes that are no command, the same again, and other things
// under the same key. It knows no rule, so it cannot share a mistake with those who do. One thread.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "engine/log_writer.hpp"
#include "tests/simulation/random.hpp"

namespace pesan::simulation {

struct WorkloadOptions {
  std::int32_t partitions = 1;
  bool command_clock = false;
};

class Workload {
 public:
  Workload(Random random, const WorkloadOptions& options);

  /// One record for the commands topic; `now` is the clients' clock.
  OutgoingRecord next(Instant now);
  /// Something that was sent before, byte by byte.
  OutgoingRecord again();

 private:
  struct Known {
    std::string id;
    std::string kind;                // counter, nightly, slots
    int unnamed = 0;                 // bookings asked for without an id of their own
    std::vector<std::string> named;  // ids that clients chose
  };

  /// One booking from beginning to end, step by step: what chance alone hardly ever puts in order.
  struct Story {
    std::size_t resource = 0;
    std::string booking_id;
    std::vector<std::string> steps;  // the next one last
  };

  std::string command(Instant now);
  std::string some_type(const Known& resource);
  Story begin_story();
  boost::json::object told(Story& story, Instant now, std::string& type);
  boost::json::object envelope(Instant now, std::string type, boost::json::object data);
  boost::json::object data_of(const std::string& type, Known& resource, Instant now);
  boost::json::object definition(const Known& resource);
  boost::json::object booking(Known& resource, Instant now);
  boost::json::object customer();
  void add_place(boost::json::object& data, const Known& resource, Instant now, bool needed);
  std::string booking_id(const Known& resource);
  std::string date(Instant now, std::int64_t from, std::int64_t to);
  std::string malformed(std::string command);
  boost::json::value some_value();
  void spoil(boost::json::object& data);
  OutgoingRecord addressed(std::string value, const std::string& resource);

  Random random_;
  WorkloadOptions options_;
  std::vector<Known> resources_;
  std::vector<boost::json::object> sent_;  // commands, before they were made bytes
  std::vector<OutgoingRecord> records_;
  std::vector<Story> stories_;
  std::vector<std::pair<std::size_t, std::string>>
      openings_;          // resource and type; the next one last
  std::string resource_;  // of the command being made
  int ids_ = 0;
};

}  // namespace pesan::simulation
