#include "tests/support/command_stream.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "events/partitioner.hpp"
#include "events/time.hpp"

namespace pesan {
namespace {

using Names = std::vector<std::string>;

constexpr std::int64_t minute = ms_per_minute;
constexpr std::int64_t hour = 60 * minute;

// Where clocks go back or forward, and where nothing happens.
const Names zones{"Asia/Jakarta", "America/Sao_Paulo", "America/New_York", "America/St_Johns"};
const Names begins{"2026-12-01T05:00:00Z", "2018-02-17T12:00:00Z", "2018-02-18T01:30:00Z",
                   "2018-11-04T03:00:00Z", "2018-11-03T22:00:00Z", "1970-01-01T00:00:00Z",
                   "2010-11-07T02:00:00Z"};
const Names statuses{"pending",   "confirmed", "in_progress", "completed",
                     "cancelled", "no_show",   "expired"};
const Names payments{"unpaid", "partial", "paid", "refunded"};
const Names times{"00:00", "00:30", "01:15", "08:00", "09:30", "12:00", "18:00", "23:59", "24:00"};
const Names people{"u-1", "u-2", "a-1"};

// What no field takes, or few do.
const Names oddities{"null",
                     "1.0",
                     "1e0",
                     "-1",
                     "0",
                     "10000",
                     "10001",
                     "1000001",
                     "\"\"",
                     "\" \"",
                     "true",
                     "{}",
                     "[]",
                     "\"x\"",
                     "\"1\\u0000\"",
                     "1000000000000000",
                     "1000000000000001",
                     "-0",
                     "99999999999999999999",
                     "\"2026-02-30\"",
                     "\"24:01\""};

std::string member(std::string_view name, std::string_view value) {
  return fmt::format(R"(,"{}":"{}")", name, value);
}
std::string number(std::string_view name, std::int64_t value) {
  return fmt::format(R"(,"{}":{})", name, value);
}

}  // namespace

std::uint64_t Dice::roll() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

CommandStream::CommandStream(const StreamOptions& options)
    : options_(options),
      dice_(options.seed),
      homes_{{"villa", "nightly", {}}, {"hut", "counter", {}},  {"spa", "slots", {}},
             {"barn", "nightly", {}},  {"shed", "counter", {}}, {"gym", "slots", {}}} {
  now_ms_ = parse_instant(dice_.pick(begins))->ms;
  base_day_ = std::max<std::int64_t>(now_ms_ / ms_per_day, 3);
  while (homes_.size() > 3) homes_.erase(homes_.begin() + dice_.below(std::ssize(homes_)));
}

void CommandStream::learn(std::string_view booking_id) {
  for (auto& home : homes_) {
    if (booking_id.substr(0, booking_id.find('.')) != home.id) continue;
    const bool known =
        std::find(home.bookings.begin(), home.bookings.end(), booking_id) != home.bookings.end();
    if (!known) home.bookings.emplace_back(booking_id);
    if (home.bookings.size() > 6) home.bookings.erase(home.bookings.begin());
  }
}

void CommandStream::move_time() {
  switch (dice_.below(25)) {
    case 0: now_ms_ += dice_.between(1, 20) * hour; break;
    case 1:
    case 2: now_ms_ += dice_.between(1, 60) * minute; break;
    case 3: now_ms_ -= dice_.between(0, 90) * minute; break;  // stamps may; the clock does not
    case 4: now_ms_ = now_ms_ / ms_per_day * ms_per_day + ms_per_day + dice_.between(-1, 1); break;
    default: now_ms_ += dice_.between(0, 3000); break;
  }
  now_ms_ = std::max<std::int64_t>(now_ms_, 0);
}

std::string CommandStream::day() {
  const std::int64_t around = std::max(base_day_, now_ms_ / ms_per_day);
  return to_string(Date{static_cast<std::int32_t>(around + dice_.between(-3, 4))});
}

std::string CommandStream::actor() {
  const Names types{"user", "user", "admin", "admin", "system"};
  const bool opening = sent_ < 3 * openings() && !dice_.one_in(20);
  return fmt::format(R"("actor":{{"type":"{}","id":"{}"}})",
                     opening ? std::string("admin") : dice_.pick(types), dice_.pick(people));
}

std::string CommandStream::customer() {
  std::string out = member("name", dice_.one_in(3) ? "Jane" : "John");
  if (dice_.one_in(2)) out += member("ref", dice_.pick(people));
  if (dice_.one_in(3)) out += member("phone", "0812345678");
  if (dice_.one_in(4)) out += member("email", "j@x.id");
  return fmt::format(R"(,"customer":{{{}}})", out.substr(1));
}

std::string CommandStream::place(const Home& home) {
  std::string out;
  const bool odd = dice_.one_in(15);
  const bool room = (home.inventory != "slots") != odd;
  if (room && (home.inventory != "counter" || dice_.one_in(2))) {
    const Date from = *parse_date(day());
    const Date to{from.days + static_cast<std::int32_t>(dice_.between(odd ? -1 : 1, 3))};
    if (!dice_.one_in(20)) out += member("check_in", to_string(from));
    if (!dice_.one_in(20)) out += member("check_out", to_string(to));
  }
  if (!room) {
    out += member("schedule_id", fmt::format("s{}", dice_.between(1, 3)));
    if (dice_.one_in(3)) {
      const std::string& time = dice_.pick(times);
      out += member("appointment_at", day() + "T" + (time == "24:00" ? "11:59" : time));
    }
  }
  return out;
}

std::string CommandStream::definition(std::string& type, const Home& home) {
  const bool opening = sent_ < openings();
  const bool room = (home.inventory != "slots") != (!opening && dice_.one_in(12));
  const bool define = opening || dice_.one_in(12);
  type = std::string(define ? "Define" : "Change") + (room ? "Room" : "Service");
  std::string out;
  const auto maybe = [&] { return !define && !dice_.one_in(3); };
  if (!maybe()) out += member("name", dice_.one_in(2) ? "One" : "Two");
  if (room) {
    if (!maybe()) out += number("units", dice_.between(opening ? 1 : 0, 3));
    if (define)
      out += member("inventory", room && home.inventory == "nightly" ? "nightly" : "counter");
    if (dice_.one_in(2)) {
      out += number("nightly_price_minor", dice_.one_in(9) ? 900'000'000'000'000 : 150'000);
    }
    if (dice_.one_in(5)) out += number("max_party", dice_.between(1, 3));
    if (dice_.one_in(6)) out += number("min_nights", dice_.between(1, 2));
    if (dice_.one_in(6)) out += number("max_nights", dice_.between(opening ? 2 : 1, 3));
  } else {
    if (!maybe()) out += number("price_minor", dice_.one_in(9) ? 900'000'000'000'000 : 75'000);
    if (!maybe()) out += number("duration_minutes", 30);
  }
  if (dice_.one_in(3)) out += number("overbook_limit", dice_.between(0, 2));
  if (!opening && dice_.one_in(8)) out += R"(,"active":false)";
  if (!define && !out.ends_with("false") && dice_.one_in(2)) out += R"(,"active":true)";
  if (define) {
    const Names policies{"on_create", "on_confirm", "on_payment"};
    if (!dice_.one_in(3)) out += member("occupancy", dice_.pick(policies));
    if (!dice_.one_in(3)) out += member("timezone", dice_.pick(zones));
  }
  return out;
}

std::string CommandStream::schedule(std::string& type) {
  const Names types{"AddSchedule",    "AddSchedule",   "ChangeSchedule",
                    "ChangeSchedule", "CloseSchedule", "OpenSchedule"};
  type = sent_ < 4 * openings() ? "AddSchedule" : dice_.pick(types);
  std::string out = member("schedule_id", fmt::format("s{}", dice_.between(1, 3)));
  if (type == "CloseSchedule" || type == "OpenSchedule") return out;
  const bool all = type == "AddSchedule";
  auto start = dice_.below(static_cast<std::int64_t>(times.size()));
  auto end = dice_.below(static_cast<std::int64_t>(times.size()));
  if (start > end && !dice_.one_in(8)) std::swap(start, end);
  if (all || dice_.one_in(3)) out += member("date", day());
  if (all || dice_.one_in(3)) out += member("start", times[static_cast<std::size_t>(start)]);
  if (all || dice_.one_in(3)) out += member("end", times[static_cast<std::size_t>(end)]);
  if (all || dice_.one_in(2)) out += number("capacity", dice_.between(0, 3));
  return out;
}

std::string CommandStream::creation(Home& home) {
  std::string out;
  if (dice_.one_in(4)) {
    const std::string id = fmt::format("{}.x{}", home.id, dice_.between(1, 9));
    learn(id);
    out += member("booking_id", id);
  }
  if (dice_.one_in(2)) out += member("status", dice_.one_in(4) ? "pending" : "confirmed");
  if (dice_.one_in(3)) out += number("units", dice_.between(1, 2));
  if (dice_.one_in(4)) out += number("party_size", dice_.between(1, 5));
  if (dice_.one_in(3)) out += member("payment_status", dice_.pick(payments));
  out += customer();
  out += place(home);
  if (dice_.one_in(6)) out += member("staff_id", "st-1");
  if (dice_.one_in(6)) out += member("notes", "");
  return out;
}

std::string CommandStream::change() {
  std::string out;
  if (dice_.one_in(2)) out += number("units", dice_.between(1, 3));
  if (dice_.one_in(3)) out += number("party_size", dice_.between(1, 5));
  if (dice_.one_in(4)) out += customer();
  if (dice_.one_in(6)) out += member("staff_id", dice_.one_in(2) ? "st-1" : "st-2");
  if (dice_.one_in(6)) out += R"(,"subject":{"type":"cat","id":"1","name":"Tom"})";
  if (dice_.one_in(4)) out += member("notes", dice_.one_in(2) ? "" : "late");
  return out;
}

std::string CommandStream::booking(std::string& type, Home& home) {
  const std::string id = home.bookings.empty() || dice_.one_in(20)
                             ? fmt::format("{}.{}", home.id, dice_.between(1, 4))
                             : dice_.pick(home.bookings);
  std::string out = member("booking_id", id);
  if (dice_.one_in(10)) out += number("expected_version", dice_.between(1, 30));
  const Names types{"ChangeStatus",      "ChangeStatus",  "ChangeStatus",  "CheckIn",
                    "CheckIn",           "CheckOut",      "ChangeBooking", "RescheduleBooking",
                    "RescheduleBooking", "RecordPayment", "RecordPayment", "DeleteBooking"};
  type = dice_.pick(types);
  if (type == "DeleteBooking" && !dice_.one_in(3)) type = "CheckOut";
  if (type == "ChangeStatus") out += member("status", dice_.pick(statuses));
  if (type == "ChangeBooking") out += change();
  if (type == "RescheduleBooking") out += place(home);
  if (type == "RecordPayment") {
    out += member("status", dice_.pick(payments));
    if (dice_.one_in(3)) out += number("amount_minor", dice_.between(0, 2));
  }
  return out;
}

std::string CommandStream::data_of(std::string& type, Home& home) {
  std::string own;
  const auto kind = dice_.below(20);
  if (sent_ < openings() || kind == 0) {
    own = definition(type, home);
  } else if ((kind <= 2 || sent_ < 4 * openings()) && (home.inventory == "slots" || kind == 1)) {
    own = schedule(type);
  } else if (kind <= 7 || (home.bookings.empty() && !dice_.one_in(10))) {
    type = "CreateBooking";
    own = creation(home);
  } else {
    own = booking(type, home);
  }
  std::string data = fmt::format(R"({{"resource":"{}",{})", home.id, actor());
  if (dice_.one_in(10)) data += member("reason", "because");
  return data + own + "}";
}

/// One fault of the kinds that field rules are about.
std::string CommandStream::damaged(std::string data) {
  const Names fields{"resource", "actor",      "reason",   "expected_version",
                     "units",    "status",     "customer", "check_out",
                     "capacity", "booking_id", "name",     "party_size"};
  const std::string& field = dice_.pick(fields);
  switch (dice_.below(4)) {
    case 0:  // a field of nobody's
      data.insert(1,
                  fmt::format(R"("{}":{},)", dice_.one_in(2) ? "zz" : "aa", dice_.pick(oddities)));
      return data;
    case 1:  // of a name twice in one object the last counts
      data.insert(1, fmt::format(R"("{}":{},)", field, dice_.pick(oddities)));
      return data;
    case 2:
      data.insert(data.size() - 1, fmt::format(R"(,"{}":{})", field, dice_.pick(oddities)));
      return data;
    default: {  // a byte is lost
      data.erase(static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(data.size()))), 1);
      return data;
    }
  }
}

StreamRecord CommandStream::next() {
  move_time();
  const bool faulty =
      sent_ >= openings() && options_.fault_every > 0 && dice_.one_in(options_.fault_every);
  const auto fault = dice_.below(5);
  if (faulty && fault == 0 && !past_.empty()) {  // the same again
    StreamRecord again = dice_.pick(past_);
    again.timestamp_ms = now_ms_;
    return again;
  }
  Home& home = homes_[static_cast<std::size_t>(sent_ < 4 * openings() ? sent_ % openings()
                                                                      : dice_.below(openings()))];
  std::string type;
  std::string data = data_of(type, home);
  if (faulty && fault <= 2) data = damaged(std::move(data));
  ++sent_;
  // An id is used twice now and then: the second is a conflict, or belongs to another resource.
  const auto id = faulty && fault == 3 ? dice_.between(1, sent_) : sent_;
  std::string time;
  if (!dice_.one_in(5)) time = member("time", to_string(Instant{now_ms_}));
  if (dice_.one_in(30)) time = member("time", "yesterday");
  StreamRecord record{
      .partition = partition_of(home.id, options_.partitions).value,
      .timestamp_ms = now_ms_,
      .value =
          fmt::format(R"({{"specversion":"1.0","id":"c{}","source":"/t","type":"{}"{},"data":{}}})",
                      id, dice_.one_in(150) ? "BookNow" : type, time, data)};
  if (faulty && fault == 4) {
    record.partition = static_cast<std::int32_t>(dice_.below(options_.partitions));
  }
  past_.push_back(record);
  if (past_.size() > 40) past_.erase(past_.begin());
  return record;
}

}  // namespace pesan
