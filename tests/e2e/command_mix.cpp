#include "tests/e2e/command_mix.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

constexpr const char* rooms[] = {"villa", "hut", "barn", "loft"};  // counter, counter, nightly, …
constexpr const char* services[] = {"spa", "studio"};
constexpr int slots = 6;
constexpr int first_service = 4;
constexpr int resources = first_service + 2;

}  // namespace

bool CommandMix::is_service() const { return home_ >= first_service; }

void CommandMix::choose(int home) {
  home_ = home;
  resource_ = (is_service() ? services[home - first_service] : rooms[home]) + house_;
}

std::string CommandMix::day(int first, int last) {
  return to_string(Date{today_.days + first + below(last - first + 1)});
}

std::string CommandMix::stay() {
  const int from = below(20);
  return fmt::format(R"("check_in":"{}","check_out":"{}")", day(from, from),
                     day(from + 1, from + 4));
}

std::string CommandMix::customer() {
  const int who = below(300);
  std::string text = fmt::format(R"("customer":{{"name":"Tamu {}")", who);
  if (!one_in(4)) text += fmt::format(R"(,"phone":"0812{:07}")", who % 100);
  if (one_in(2)) text += fmt::format(R"(,"email":"tamu{}@contoh.id")", who % 120);
  return text + "}";
}

/// The first commands: every resource, and the slots of the services.
CommandMix::Asked CommandMix::definition() {
  if (sent_ < first_service) {
    choose(sent_);
    return {"DefineRoom",
            fmt::format(R"("name":"Kamar","units":{},"inventory":"{}","nightly_price_minor":85000)",
                        20 + below(20), sent_ < 2 ? "counter" : "nightly")};
  }
  if (sent_ < resources) {
    choose(sent_);
    return {"DefineService", R"("name":"Layanan","price_minor":25000,"duration_minutes":60)"};
  }
  const int slot = sent_ - resources;
  choose(first_service + slot / slots);
  return {
      "AddSchedule",
      fmt::format(R"("schedule_id":"s{}","date":"{}","start":"09:00","end":"12:00","capacity":{})",
                  slot % slots, day(1, 20), 10 + below(30))};
}

CommandMix::Asked CommandMix::creation() {
  std::string data = customer() + (one_in(3) ? "" : R"(,"status":"confirmed")");
  if (!one_in(3))
    data += fmt::format(R"(,"booking_id":"{}.k{}")", resource_,
                        ++bookings_.at(static_cast<std::size_t>(home_)));
  if (one_in(6)) data += fmt::format(R"(,"units":{})", 1 + below(3));
  if (is_service()) {
    data += fmt::format(R"(,"schedule_id":"s{}")", below(slots));
  } else if (home_ == 2 || home_ == 3 || one_in(2)) {
    data += "," + stay();
  }
  return {"CreateBooking", data};
}

CommandMix::Asked CommandMix::change() {
  const int named = bookings_.at(static_cast<std::size_t>(home_));
  const std::string id =
      fmt::format("{}.{}{}", resource_, one_in(4) ? "" : "k", 1 + below(std::max(4, named)));
  const std::string data = fmt::format(R"("booking_id":"{}")", id);
  static constexpr const char* statuses[] = {"confirmed", "cancelled", "completed", "pending",
                                             "no_show"};
  static constexpr const char* payments[] = {"paid", "partial", "refunded", "unpaid"};
  switch (below(8)) {
    case 0:
    case 1: return {"CheckIn", data};
    case 2: return {"CheckOut", data};
    case 3:
      return {"RecordPayment", data + fmt::format(R"(,"status":"{}","amount_minor":{})",
                                                  payments[below(4)], below(90'000))};
    case 4:
      return {"RescheduleBooking",
              data + "," +
                  (is_service() ? fmt::format(R"("schedule_id":"s{}")", below(slots)) : stay())};
    case 5: return {"ChangeBooking", data + fmt::format(R"(,"notes":"meja {}")", below(9))};
    case 6:
      if (one_in(4)) return {"DeleteBooking", data};
      [[fallthrough]];
    default: return {"ChangeStatus", data + fmt::format(R"(,"status":"{}")", statuses[below(5)])};
  }
}

CommandMix::Asked CommandMix::about_resource() {
  if (!is_service()) {
    return {"ChangeRoom", fmt::format(R"("units":{})", 20 + below(30))};
  }
  const std::string slot = fmt::format(R"("schedule_id":"s{}")", below(slots));
  switch (below(4)) {
    case 0: return {"CloseSchedule", slot};
    case 1: return {"ChangeSchedule", slot + fmt::format(R"(,"capacity":{})", 10 + below(40))};
    case 2: return {"ChangeService", fmt::format(R"("price_minor":{})", 20'000 + below(9) * 1000)};
    default: return {"OpenSchedule", slot};
  }
}

std::string CommandMix::next() {
  if (sent_ > 20 && one_in(60)) return one_in(2) ? "" : R"({"specversion":"1.0","id":"broken")";
  if (sent_ > 20 && one_in(40)) return past_[static_cast<std::size_t>(below(sent_))];
  choose(below(resources));
  Asked asked;
  if (sent_ < resources + 2 * slots) {
    asked = definition();
  } else if (one_in(30)) {
    asked = about_resource();
  } else {
    asked = one_in(3) ? creation() : change();
  }
  past_.push_back(Line{.id = fmt::format("m{}", ++sent_),
                       .type = asked.type,
                       .resource = resource_,
                       .data = asked.data}
                      .text());
  return past_.back();
}

}  // namespace pesan::e2e
