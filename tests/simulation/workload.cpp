#include "tests/simulation/workload.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "tests/support/auditor/partitioner.hpp"

namespace pesan::simulation {
namespace {

namespace json = boost::json;

/// The same value with its keys in another order.
json::object shuffled(Random& random, const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object) keys.emplace_back(key);
  for (std::size_t i = keys.size(); i > 1; --i) std::swap(keys[i - 1], keys[random.below(i)]);
  json::object other;
  for (const std::string& key : keys) {
    const json::value& value = object.at(key);
    other[key] = value.is_object() ? json::value(shuffled(random, value.get_object())) : value;
  }
  return other;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace

Workload::Workload(Random random, const WorkloadOptions& options)
    : random_(random), options_(options) {
  std::vector<Known> all{{"villa", "counter"}, {"suite", "nightly"}, {"spa", "slots"},
                         {"hut", "nightly"},   {"studio", "slots"},  {"barn", "counter"}};
  const auto count = static_cast<std::size_t>(random_.between(1, 4));
  while (resources_.size() < count) {
    const auto chosen = static_cast<std::ptrdiff_t>(random_.below(all.size()));
    resources_.push_back(all[static_cast<std::size_t>(chosen)]);
    all.erase(all.begin() + chosen);
  }
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const bool service = resources_[i].kind == "slots";
    for (int slot = 0; service && slot < 4; ++slot) openings_.emplace_back(i, "AddSchedule");
  }
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const bool service = resources_[i].kind == "slots";
    if (random_.chance(0.95)) {
      openings_.emplace_back(i, service ? "DefineService" : "DefineRoom");
    }
  }
}

OutgoingRecord Workload::next(Instant now) {
  std::string value = command(now);
  if (random_.chance(0.025)) value = malformed(std::move(value));
  records_.push_back(addressed(std::move(value), resource_));
  return records_.back();
}

OutgoingRecord Workload::again() {
  if (records_.empty()) return next({});
  OutgoingRecord record = random_.pick(records_);
  // Another instance of the client, maybe with another partitioner.
  if (random_.chance(0.2)) {
    record.to.partition.value =
        static_cast<std::int32_t>(random_.below(static_cast<std::size_t>(options_.partitions)));
  }
  return record;
}

OutgoingRecord Workload::addressed(std::string value, const std::string& resource) {
  OutgoingRecord record{.to = {Topic::commands, Partition{0}}, .payload = {}};
  record.payload.value = std::move(value);
  record.payload.cloud_event = !random_.chance(0.1);
  if (random_.chance(0.9)) record.payload.key = resource;
  if (random_.chance(0.05)) record.payload.headers.push_back({"tracing", "on"});
  const bool right = record.payload.key && random_.chance(0.9);
  record.to.partition.value =
      right
          ? audit::partition_of(resource, options_.partitions)
          : static_cast<std::int32_t>(random_.below(static_cast<std::size_t>(options_.partitions)));
  return record;
}

std::string Workload::some_type(const Known& resource) {
  const std::string& kind = resource.kind;
  const bool few = resource.named.size() + static_cast<std::size_t>(resource.unnamed) < 5;
  if (few && random_.chance(0.6)) return "CreateBooking";
  static const std::vector<std::string> types{
      "CreateBooking",     "CreateBooking", "CreateBooking",  "CreateBooking",     "CreateBooking",
      "ChangeStatus",      "ChangeStatus",  "ChangeStatus",   "ChangeStatus",      "ChangeStatus",
      "CheckIn",           "CheckIn",       "CheckOut",       "RescheduleBooking", "ChangeBooking",
      "RescheduleBooking", "ChangeBooking", "RecordPayment",  "RecordPayment",     "DeleteBooking",
      "ChangeRoom",        "AddSchedule",   "ChangeSchedule", "CloseSchedule",     "OpenSchedule"};
  std::string type = random_.chance(0.02) ? "DefineRoom" : random_.pick(types);
  if (random_.chance(0.05)) return type;  // whatever kind of resource it is for
  if (kind == "slots") {
    if (type == "DefineRoom") return "DefineService";
    if (type == "ChangeRoom") return "ChangeService";
  } else if (type.find("Schedule") != std::string::npos) {
    return "ChangeRoom";
  }
  return type;
}

std::string Workload::command(Instant now) {
  // The same command once more, or another one under its key.
  if (!sent_.empty() && random_.chance(0.08)) {
    json::object before = random_.pick(sent_);
    resource_ = text_in(before.at("data").get_object(), "resource");
    if (random_.chance(0.3)) {
      auto& data = before.at("data").get_object();
      random_.chance(0.5) ? spoil(data) : void(data["reason"] = fmt::format("r{}", ++ids_));
    } else if (random_.chance(0.2)) {
      before["time"] = "2026-11-25T00:00:00Z";  // is not part of what is compared
    }
    return json::serialize(shuffled(random_, before));
  }
  if (random_.chance(0.05)) stories_.push_back(begin_story());
  if (!stories_.empty() && random_.chance(0.3)) {
    const std::size_t chosen = random_.below(stories_.size());
    std::string type;
    json::object data = told(stories_[chosen], now, type);
    if (stories_[chosen].steps.empty()) {
      stories_.erase(stories_.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
    sent_.push_back(envelope(now, std::move(type), std::move(data)));
    resource_ = text_in(sent_.back().at("data").get_object(), "resource");
    return json::serialize(sent_.back());
  }
  std::size_t chosen = random_.below(resources_.size());
  std::string type = some_type(resources_[chosen]);
  if (!openings_.empty() && random_.chance(0.7)) {
    std::tie(chosen, type) = openings_.back();
    openings_.pop_back();
  }
  Known& resource = resources_[chosen];
  resource_ = resource.id;
  json::object data = data_of(type, resource, now);
  if (random_.chance(0.04)) spoil(data);
  if (random_.chance(0.01)) type = random_.pick<std::string>({"Reserve", "", "createbooking"});
  json::object whole = envelope(now, std::move(type), std::move(data));
  sent_.push_back(whole);
  resource_ = text_in(whole.at("data").get_object(), "resource");
  return json::serialize(whole);
}

json::object Workload::envelope(Instant now, std::string type, json::object data) {
  json::object whole{{"specversion", "1.0"},
                     {"id", fmt::format("c{}", ++ids_)},
                     {"source", random_.pick<const char*>({"/front-desk", "/web"})},
                     {"type", std::move(type)},
                     {"data", std::move(data)}};
  if (random_.chance(0.03)) whole["id"] = "c1";
  if (options_.command_clock ? !random_.chance(0.05) : random_.chance(0.1)) {
    whole["time"] = to_string(Instant{now.ms + random_.between(-5, 5) * ms_per_minute});
    if (random_.chance(0.03)) whole["time"] = "yesterday";
  }
  if (random_.chance(0.05)) whole["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-01";
  return whole;
}

json::object Workload::data_of(const std::string& type, Known& resource, Instant now) {
  json::object data{{"resource", resource.id}};
  const bool guests_may = type.find("Booking") != std::string::npos || type == "ChangeStatus";
  const bool by_user = random_.chance(guests_may ? 0.35 : 0.05);
  const char* actor = by_user ? "user" : random_.pick<const char*>({"admin", "admin", "system"});
  data["actor"] =
      json::object{{"type", actor}, {"id", random_.pick<const char*>({"u-1", "u-2", "u-3"})}};
  if (random_.chance(0.1)) data["reason"] = "because";
  const auto merge = [&data](json::object more) {
    for (auto& [key, value] : more) data[key] = std::move(value);
  };
  const auto maybe = [&](const char* name, json::value value) {
    if (random_.chance(0.3)) data[name] = std::move(value);
  };
  const auto slot = [&] { return fmt::format("s{}", random_.between(1, 4)); };
  if (type == "DefineRoom" || type == "DefineService") {
    merge(definition(resource));
    return data;
  }
  if (type == "ChangeRoom" || type == "ChangeService") {
    maybe("name", "Renamed");
    maybe("overbook_limit", random_.between(0, 1));
    if (random_.chance(0.1)) data["active"] = random_.chance(0.6);
    if (type == "ChangeRoom") {
      if (random_.chance(0.15)) data["units"] = random_.between(0, 3);
      maybe("nightly_price_minor", random_.between(0, 200));
      maybe("max_party", random_.between(1, 3));
      if (random_.chance(0.1)) data["min_nights"] = random_.between(1, 2);
      if (random_.chance(0.1)) data["max_nights"] = random_.between(1, 4);
    } else {
      maybe("price_minor", random_.between(0, 200));
      maybe("duration_minutes", random_.between(1, 90));
    }
    return data;
  }
  if (type.find("Schedule") != std::string::npos) {
    data["schedule_id"] = slot();
    const bool add = type == "AddSchedule";
    if (add || type == "ChangeSchedule") {
      const std::int64_t hour = random_.between(0, 22);
      if (add || random_.chance(0.3)) data["date"] = date(now, -1, 3);
      if (add || random_.chance(0.3)) data["start"] = fmt::format("{:02}:00", hour);
      if (add || random_.chance(0.3)) {
        data["end"] = fmt::format("{:02}:30", hour + random_.between(0, 1));
      }
      if (add || random_.chance(0.6)) data["capacity"] = random_.between(0, 2);
    }
    return data;
  }
  if (type == "CreateBooking") {
    merge(booking(resource, now));
    return data;
  }
  data["booking_id"] = booking_id(resource);
  if (random_.chance(0.06)) data["expected_version"] = random_.between(0, 20);
  if (type == "ChangeStatus") {
    data["status"] = random_.pick<const char*>({"pending", "confirmed", "confirmed", "in_progress",
                                                "completed", "cancelled", "no_show", "expired"});
  } else if (type == "RescheduleBooking") {
    add_place(data, resource, now, true);
  } else if (type == "ChangeBooking") {
    maybe("units", random_.between(1, 2));
    maybe("party_size", random_.between(1, 4));
    if (random_.chance(0.2)) data["customer"] = customer();
    maybe("staff_id", "st-1");
    maybe("notes", random_.pick<const char*>({"", "late", "early"}));
    if (random_.chance(0.1)) {
      data["subject"] = json::object{{"type", "dog"}, {"id", "d-1"}, {"name", "Rex"}};
    }
  } else if (type == "RecordPayment") {
    data["status"] = random_.pick<const char*>({"unpaid", "partial", "paid", "paid", "refunded"});
    maybe("amount_minor", random_.between(0, 500));
    maybe("method", random_.pick<const char*>({"cash", "transfer", "card", "ewallet"}));
    maybe("transaction_id", "t-1");
  }
  return data;
}

json::object Workload::definition(const Known& resource) {
  json::object data{{"name", "The " + resource.id}};
  const auto maybe = [&](const char* name, json::value value) {
    if (random_.chance(0.25)) data[name] = std::move(value);
  };
  maybe("currency", "USD");
  maybe("overbook_limit", random_.between(0, 1));
  maybe("timezone", random_.pick<const char*>({"UTC", "Asia/Tokyo", "America/New_York"}));
  maybe("occupancy", random_.pick<const char*>({"on_create", "on_confirm", "on_payment"}));
  if (random_.chance(0.05)) data["active"] = false;
  if (resource.kind == "slots") {
    data["price_minor"] = random_.between(0, 100);
    data["duration_minutes"] = 60;
    return data;
  }
  data["units"] = random_.between(1, 2);
  data["inventory"] = resource.kind;
  maybe("nightly_price_minor", random_.between(0, 100));
  maybe("max_party", random_.between(1, 4));
  if (random_.chance(0.1)) data["max_nights"] = random_.between(1, 4);
  if (random_.chance(0.05)) data["min_nights"] = random_.between(1, 2);
  return data;
}

json::object Workload::booking(Known& resource, Instant now) {
  json::object data;
  if (random_.chance(0.3)) {
    resource.named.push_back(fmt::format(
        "{}.{}", resource.id, random_.pick<const char*>({"a", "b", "c", "x-1", "_", "Z", "7"})));
    data["booking_id"] = resource.named.back();
  } else {
    ++resource.unnamed;
  }
  if (random_.chance(0.5)) {
    data["status"] = random_.pick<const char*>({"pending", "confirmed", "confirmed"});
  }
  if (random_.chance(0.15)) data["units"] = random_.between(1, 3);
  if (random_.chance(0.2)) data["party_size"] = random_.between(1, 5);
  if (random_.chance(0.2)) {
    data["payment_status"] = random_.pick<const char*>({"unpaid", "partial", "paid"});
  }
  add_place(data, resource, now, resource.kind != "counter");
  data["customer"] = customer();
  if (random_.chance(0.1)) {
    data["subject"] = json::object{{"type", "cat"}, {"id", "k-1"}, {"name", "Tom"}};
  }
  if (random_.chance(0.1)) data["notes"] = "quiet, please";
  return data;
}

void Workload::add_place(json::object& data, const Known& resource, Instant now, bool needed) {
  const bool wrong = random_.chance(0.02);
  if ((resource.kind == "slots") != wrong) {
    data["schedule_id"] = fmt::format("s{}", random_.between(1, 4));
    if (random_.chance(0.2)) {
      data["appointment_at"] = fmt::format("{}T{:02}:00", date(now, -1, 3), random_.between(0, 23));
    }
    return;
  }
  if (!needed && !random_.chance(0.3)) return;
  // A stay around today, of a few nights.
  const std::int64_t from = random_.between(-2, 3);
  data["check_in"] = date(now, from, from);
  data["check_out"] = date(now, from + 1, from + 4);
}

}  // namespace pesan::simulation
