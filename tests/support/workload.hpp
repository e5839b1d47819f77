// What clients send, drawn from a seed: every command of the vocabulary, with the fields that the
// descriptions in events/ give it, so that a new one is made up without more; bookings from
// beginning to end; and flaws: bytes that are no command, fields against their rules, the same
// again, something else under the same key. It hears no answer and knows no rule of the domain, so
// it cannot share a mistake with those who do. The same options give the same commands on every
// machine. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "events/log.hpp"
#include "events/time.hpp"
#include "tests/support/random.hpp"

namespace pesan {

/// What clients are like.
struct Habits {
  std::int64_t fewest_resources = 1;
  std::int64_t most_resources = 4;  // of six
  std::int64_t room = 0;            // units and capacities are more than this,
  std::int64_t more_room = 3;       // by so much at most
  std::int64_t guests = 4;
  std::int64_t first_day = -3;  // that is asked for, from today
  std::int64_t last_day = 4;
  double stories = 0.25;    // this share of commands continues the story of a booking
  double resources = 0.15;  // and this one, of the others, is about resources and slots
  bool odd = true;          // now and then they ask for what is strange, closed or not theirs
  std::size_t flaws = 8;    // the first so many of Workload::Flaw
  std::size_t flawed = 7;   // one command in so many is; 0: none
};

/// They come to every rule: few resources with little room, days that begin and end.
inline constexpr Habits nasty{};
/// Most of what they ask for is accepted, and each id is one command's; a line that nobody can read
/// names no resource.
inline constexpr Habits friendly{.fewest_resources = 6,
                                 .most_resources = 6,
                                 .room = 10,
                                 .more_room = 20,
                                 .guests = 300,
                                 .first_day = 0,
                                 .last_day = 20,
                                 .stories = 0.5,
                                 .resources = 0.06,
                                 .odd = false,
                                 .flaws = 2,
                                 .flawed = 25};

struct WorkloadOptions {
  std::uint64_t seed = 0;
  std::int32_t partitions = 1;
  Habits habits = nasty;
  std::string house = "";           // ends the names of the resources: `villa-7` in the house `-7`
  std::optional<Instant> now = {};  // the clients' clock stands; without it, it jumps about
};

/// One record as a client would append it to the commands.
struct SentCommand {
  Partition partition;
  Instant timestamp;
  std::string resource;
  Payload payload;
};

class Workload {
 public:
  explicit Workload(const WorkloadOptions& options);

  SentCommand next();
  /// `now` is the clients' clock.
  SentCommand next(Instant now);
  /// Something that was sent before, byte by byte.
  SentCommand again();

 private:
  enum class Flaw : std::uint8_t {
    sent_again,
    unreadable,
    malformed,
    under_the_same_key,  // the same in another spelling, or something else
    id_of_another,
    of_no_type,
    spoiled_field,
    damaged_text,
    none
  };
  struct Known {
    std::string id;
    std::string kind;                // counter, nightly, slots
    std::int64_t unnamed = 0;        // bookings asked for without an id of their own
    std::vector<std::string> named;  // the newest ids that clients chose
  };
  /// One booking from beginning to end, step by step: what chance alone hardly ever puts in order.
  struct Story {
    std::size_t resource = 0;
    std::string booking_id;
    std::vector<std::string> steps;  // the next one last
  };
  class Maker;

  void move_time();
  bool odd(std::size_t one_in) { return options_.habits.odd && random_.one_in(one_in); }
  boost::json::object command();
  std::string some_type(const Known& home);
  Story begin_story();
  boost::json::object told(Story& story);
  /// A command of the type about the home.
  boost::json::object made(std::string type, Known& home);
  std::string some_day();
  std::string new_name(Known& home);
  boost::json::object same_key();
  void spoil(boost::json::object& data);
  std::string damaged(std::string command);
  std::string malformed(const std::string& command, std::size_t kinds);
  SentCommand addressed(std::string value, std::string resource);

  WorkloadOptions options_;
  Random random_;
  Instant now_;
  std::vector<Known> homes_;
  std::vector<std::pair<std::size_t, std::string>> openings_;  // home and type; the next one last
  std::vector<Story> stories_;
  std::vector<boost::json::object> asked_;  // before they were made bytes
  std::vector<SentCommand> sent_;
  std::int64_t ids_ = 0;
};

}  // namespace pesan
