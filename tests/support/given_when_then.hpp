// The language of the rule book: given what happened, when this is asked, then that is answered.
// `Story` speaks to decide and evolve with literals; `Desk` feeds whole records to a
// CommandProcessor and looks at the records that come out. Failures show the caller's line. What is
// expected of an event or result is JSON: every member named must be there and be equal, others may
// be there too. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "engine/command_processor.hpp"
#include "engine/state.hpp"
#include "events/commands.hpp"

namespace pesan {

using Here = std::source_location;

// ---- literals: what is written wrong ends the test ----

Date operator""_day(const char* text, std::size_t size);             // "2026-12-01"_day
TimeOfDay operator""_time(const char* text, std::size_t size);       // "09:30"_time
LocalDateTime operator""_local(const char* text, std::size_t size);  // "2026-12-01T09:30"_local
Instant operator""_utc(const char* text, std::size_t size);          // "2026-12-01T05:00:00Z"_utc

inline constexpr Actor admin{.type = ActorType::admin, .id = "a-1"};
inline constexpr Actor guest{.type = ActorType::user, .id = "u-9"};
inline constexpr Actor stranger{.type = ActorType::user, .id = "u-77"};
inline constexpr Actor the_system{.type = ActorType::system, .id = "s-1"};

/// Noon of the day on which stories play, in Jakarta; the day is a Tuesday, 2026-12-01.
inline constexpr Instant noon{1'796'101'200'000};

// ---- state, command, event ----

/// A command with who asks and when; `ask(CheckIn{"villa.1"}).by(guest)`.
class Asked {
 public:
  template <class Body>
    requires std::constructible_from<CommandBody, Body>
  Asked(Body body) : command{.body = std::move(body)} {}  // NOLINT: a body alone is a question

  Asked& by(const Actor& actor) {
    command.actor = actor;
    return *this;
  }
  Asked& at(Instant when) {
    now = when;
    return *this;
  }
  Asked& of(ResourceId resource) {
    command.resource = resource;
    return *this;
  }
  Asked& expecting(std::int64_t version) {
    command.expected_version = version;
    return *this;
  }
  Asked& because(std::string_view reason) {
    command.reason = reason;
    return *this;
  }

  Command command;
  std::optional<Instant> now;
};

template <class Body>
Asked ask(Body body) {
  return Asked(std::move(body));
}

/// What was decided.
class Then {
 public:
  Then(Decision decision, std::string data)
      : decision_(std::move(decision)), data_(std::move(data)) {}

  /// An event of that type whose `data` has these members.
  const Then& then(std::string_view type, std::string_view members = "{}",
                   Here here = Here::current()) const;
  const Then& then_nothing(Here here = Here::current()) const;
  const Then& then_rejected(Code code, std::string_view details = "",
                            Here here = Here::current()) const;

  bool happened() const { return decision_ && *decision_; }
  /// `accepted`, `nothing` or the code: for tables of many cases.
  std::string word() const;
  /// The event's `data` as JSON, or "".
  const std::string& data() const { return data_; }

 private:
  Decision decision_;
  std::string data_;
};

class Story {
 public:
  explicit Story(ResourceId resource = "villa", Instant begin = noon)
      : resource_(resource), now_(begin) {}

  /// From here on it is later.
  Story& at(Instant now) {
    now_ = now;
    return *this;
  }
  /// Must be accepted, by an admin where nobody else is named.
  Story& given(const Asked& asked, Here here = Here::current());
  /// What the answer is; where it is an event, it has happened.
  Then when(const Asked& asked);

  const State& state() const { return *state_; }
  const Resource& resource() const { return *state_->find(resource_); }
  const Booking& booking(std::string_view id) const;
  /// Units held of a bucket: `*`, a date or a schedule id.
  std::int64_t held(std::string_view bucket) const;

 private:
  ResourceId resource_;
  Instant now_;
  std::unique_ptr<State> state_ = std::make_unique<State>();
  Sequence sequence_;
  Scratch scratch_;
};

// ---- records in, records out ----

/// What one record left behind.
struct Answer {
  boost::json::object result;
  std::vector<boost::json::object> events;
  std::vector<Payload> dead_letters;
  std::vector<std::pair<Partition, Payload>> forwarded;
  std::string failure;  // why the engine stopped; then there is no result

  const Answer& then_accepted(std::string_view members = "{}", Here here = Here::current()) const;
  /// An event of that type whose attributes and `data` have these members.
  const Answer& then_event(std::string_view type, std::string_view members = "{}",
                           Here here = Here::current()) const;
  const Answer& then_nothing(Here here = Here::current()) const;
  const Answer& then_rejected(Code code, std::string_view details = "",
                              Here here = Here::current()) const;
  /// Members of the result's data, e.g. {"duplicate":true}.
  const Answer& saying(std::string_view members, Here here = Here::current()) const;
  const Answer& then_stops(std::string_view words, Here here = Here::current()) const;

  const boost::json::object& data() const { return result.at("data").as_object(); }
  /// `accepted`, `nothing`, `forwarded`, `stopped` or the code, `duplicate ` before it.
  std::string word() const;
};

/// One record to be written: what differs from an admin's next command to the desk's resource.
struct Letter {
  std::string_view id = "";  // "" = c1, c2, c3 …
  std::string_view source = "/test";
  std::string_view resource = "";
  std::string_view actor = R"({"type":"admin","id":"a-1"})";
  std::string_view more = "";  // attributes beside data, e.g. "time":"2026-12-01T05:00:00Z"
};

struct DeskOptions {
  Partition partition{};
  std::int32_t partitions = 1;
  Clock clock = Clock::append;
  std::size_t remember = 1000;
  std::set<Offset> parked = {};
  std::string_view resource = "villa";
};

class Desk {
 public:
  explicit Desk(DeskOptions options = {});

  /// The stamp of the records to come, and the engine's own clock.
  Desk& at(Instant now) {
    now_ = now;
    return *this;
  }
  /// `fields` are members of data: "booking_id":"villa.1"
  Answer send(std::string_view type, std::string_view fields = "", const Letter& letter = {});
  Answer send_record(std::string value, std::vector<Header> headers = {});
  Desk& given(std::string_view type, std::string_view fields = "", Here here = Here::current());

  void commit() { processor_->commit(); }
  void rollback() { processor_->rollback(); }
  const CommandProcessor& processor() const { return *processor_; }
  CommandProcessor& processor() { return *processor_; }
  /// Everything that was written so far, as the log would hold it.
  const Transaction& written() const { return written_; }

 private:
  DeskOptions options_;
  Instant now_ = noon;
  std::int64_t sent_ = 0;
  std::unique_ptr<CommandProcessor> processor_;
  Transaction written_;
};

/// Whether every member of `expected` is in `actual` and equal; "" or the first that is not.
std::string difference(const boost::json::value& expected, const boost::json::value& actual);

}  // namespace pesan
