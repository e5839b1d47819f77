#include "tests/support/auditor/fields.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/json_reader.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

// A rule sees the value and the whole data, as a booking_id must name the data's resource.
using Rule = std::function<bool(const json::value&, const json::object& data)>;

struct Field {
  std::string name;
  bool required;
  Rule rule;                  // unless it is an object
  std::vector<Field> inside;  // of an object
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Every textual rule starts here: a string without NUL of so many characters.
bool is_text(const json::value& value, std::size_t least, std::size_t most) {
  if (!value.is_string()) return false;
  const std::string_view text = value.get_string();
  const auto length = characters(text);
  return text.find('\0') == std::string_view::npos && length >= least && length <= most;
}

Rule text(std::size_t least, std::size_t most) {
  return [=](const json::value& value, const json::object&) { return is_text(value, least, most); };
}

Rule spelled(std::function<bool(std::string_view)> how) {
  return [how = std::move(how)](const json::value& value, const json::object&) {
    return value.is_string() && how(value.get_string());
  };
}

Rule one_of(std::set<std::string, std::less<>> words) {
  return spelled(
      [words = std::move(words)](std::string_view word) { return words.contains(word); });
}

// No kind but a 64-bit integer will do: 2.0 and 2e0 are doubles, and all bounds are below 2^63.
Rule integer(std::int64_t least, std::int64_t most) {
  return [=](const json::value& value, const json::object&) {
    return value.is_int64() && value.get_int64() >= least && value.get_int64() <= most;
  };
}

Rule boolean() {
  return [](const json::value& value, const json::object&) { return value.is_bool(); };
}

bool is_name(const json::value& value, const json::object&) {
  return is_text(value, 1, 200) && !std::ranges::all_of(value.get_string(), is_space);
}

bool is_identifier(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && text[0] != '_' && text[0] != '-' &&
         std::ranges::all_of(text, is_word);
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_phone(const json::value& value, const json::object&) {
  if (!is_text(value, 1, 40)) return false;
  const auto digits = std::ranges::count_if(value.get_string(), is_digit);
  return digits >= 5 && digits <= 20;
}

bool is_email(const json::value& value, const json::object&) {
  if (!is_text(value, 5, 254)) return false;
  const std::string_view text = value.get_string();
  const auto at = text.find('@');
  if (std::ranges::count(text, '@') != 1 || at == 0 || std::ranges::any_of(text, is_space)) {
    return false;
  }
  const auto host = text.substr(at + 1);
  const bool has_empty_label = host.empty() || host.front() == '.' || host.back() == '.' ||
                               host.find("..") != std::string_view::npos;
  return !has_empty_label && host.find('.') != std::string_view::npos;
}

bool is_booking_id(const json::value& value, const json::object& data) {
  if (!value.is_string()) return false;
  const std::string_view text = value.get_string();
  const std::string prefix = std::string(data.at("resource").get_string()) + ".";
  if (!text.starts_with(prefix)) return false;
  const auto suffix = text.substr(prefix.size());
  return !suffix.empty() && suffix.size() <= 40 && std::ranges::all_of(suffix, is_word);
}

bool is_own_booking_id(const json::value& value, const json::object& data) {
  if (!is_booking_id(value, data)) return false;
  const std::string_view text = value.get_string();
  return !std::ranges::all_of(text.substr(text.find('.') + 1), is_digit);
}

constexpr std::int64_t most_money = 1'000'000'000'000'000;

Rule date() {
  return spelled([](std::string_view t) { return day_number(t).has_value(); });
}
Rule schedule_id() {
  return spelled([](std::string_view t) { return is_identifier(t, 40); });
}
Rule time_of_day() { return spelled(is_time_of_day); }
Rule zone() {
  return spelled([](std::string_view t) { return is_known_zone(std::string(t)); });
}
Rule instant() {
  constexpr std::int64_t begin_of_2100 = 4'102'444'800'000;
  return spelled([](std::string_view t) {
    const auto ms = read_instant(t);
    return ms && *ms < begin_of_2100;
  });
}
Rule payment_status() { return one_of({"unpaid", "partial", "paid", "refunded"}); }
Rule occupancy() { return one_of({"on_create", "on_confirm", "on_payment"}); }

Field need(std::string name, Rule rule) { return {std::move(name), true, std::move(rule), {}}; }
Field may(std::string name, Rule rule) { return {std::move(name), false, std::move(rule), {}}; }

Field customer(bool required) {
  return {
      "customer",
      required,
      {},
      {need("name", is_name), may("ref", text(1, 200)), may("gender", one_of({"male", "female"})),
       may("phone", is_phone), may("email", is_email), may("address", text(0, 2000))}};
}

Field subject() {
  return {"subject",
          false,
          {},
          {need("type", text(1, 200)), need("id", text(1, 200)), need("name", text(1, 200))}};
}

using Table = std::map<std::string, std::vector<Field>, std::less<>>;

Table own_rows() {
  const auto booking = need("booking_id", is_booking_id);
  const auto schedule = need("schedule_id", schedule_id());
  const auto count = integer(1, 10'000);
  const auto rooms = integer(0, 1'000'000);
  const auto limit = integer(0, 10'000);
  const auto money = integer(0, most_money);
  const auto minutes = integer(0, 43'200);
  return {
      {"DefineRoom",
       {need("name", is_name), need("units", rooms),
        need("inventory", one_of({"counter", "nightly"})), may("nightly_price_minor", money),
        may("currency", spelled(is_currency)), may("max_party", count),
        may("occupancy", occupancy()), may("overbook_limit", limit), may("min_nights", count),
        may("max_nights", count), may("hold_minutes", minutes), may("no_show_minutes", minutes),
        may("timezone", zone()), may("active", boolean())}},
      {"ChangeRoom",
       {may("name", is_name), may("units", rooms), may("nightly_price_minor", money),
        may("max_party", count), may("overbook_limit", limit), may("min_nights", count),
        may("max_nights", count), may("hold_minutes", minutes), may("no_show_minutes", minutes),
        may("active", boolean())}},
      {"DefineService",
       {need("name", is_name), need("price_minor", money), may("currency", spelled(is_currency)),
        need("duration_minutes", count), may("occupancy", occupancy()),
        may("overbook_limit", limit), may("hold_minutes", minutes), may("no_show_minutes", minutes),
        may("timezone", zone()), may("active", boolean())}},
      {"ChangeService",
       {may("name", is_name), may("price_minor", money), may("duration_minutes", count),
        may("overbook_limit", limit), may("hold_minutes", minutes), may("no_show_minutes", minutes),
        may("active", boolean())}},
      {"AddSchedule",
       {schedule, need("date", date()), need("start", time_of_day()), need("end", time_of_day()),
        need("capacity", rooms)}},
      {"ChangeSchedule",
       {schedule, may("date", date()), may("start", time_of_day()), may("end", time_of_day()),
        may("capacity", rooms)}},
      {"CloseSchedule", {schedule}},
      {"OpenSchedule", {schedule}},
      {"CreateBooking",
       {may("booking_id", is_own_booking_id), may("status", one_of({"pending", "confirmed"})),
        may("units", count), may("party_size", count), may("check_in", date()),
        may("check_out", date()), may("schedule_id", schedule_id()),
        may("appointment_at", spelled(is_local_minute)), customer(true), subject(),
        may("staff_id", text(1, 200)), may("payment_status", payment_status()),
        may("hold_until", instant()), may("notes", text(0, 2000))}},
      {"ChangeStatus",
       {booking, need("status", one_of({"pending", "confirmed", "in_progress", "completed",
                                        "cancelled", "no_show", "expired"}))}},
      {"CheckIn", {booking}},
      {"CheckOut", {booking}},
      {"RescheduleBooking",
       {booking, may("check_in", date()), may("check_out", date()),
        may("schedule_id", schedule_id()), may("appointment_at", spelled(is_local_minute))}},
      {"ChangeBooking",
       {booking, may("units", count), may("party_size", count), customer(false),
        may("staff_id", text(1, 200)), subject(), may("hold_until", instant()),
        may("notes", text(0, 2000))}},
      {"RecordPayment",
       {booking, need("status", payment_status()), may("amount_minor", money),
        may("method", one_of({"cash", "transfer", "card", "ewallet"})),
        may("transaction_id", text(1, 200))}},
      {"DeleteBooking", {booking}},
      {"RunTimer", {booking, need("timer", one_of({"expiry", "no_show"}))}},
  };
}

// The fields that every command has in front of its own row. Commands whose booking must exist
// are those whose row begins with a needed booking_id.
Table whole_rows() {
  Table table = own_rows();
  for (auto& [type, row] : table) {
    const bool names_a_booking = row.front().name == "booking_id" && row.front().required;
    std::vector<Field> front = {
        need("resource", spelled([](std::string_view t) { return is_identifier(t, 63); })),
        {"actor",
         true,
         {},
         {need("type", one_of({"user", "admin", "system"})), need("id", text(1, 200))}},
        may("reason", text(1, 200))};
    if (names_a_booking) front.push_back(may("expected_version", integer(0, most_money)));
    row.insert(row.begin(), front.begin(), front.end());
  }
  return table;
}

const Table& commands() {
  static const Table table = whole_rows();
  return table;
}

std::optional<std::string> first_fault(const std::vector<Field>& fields, const json::object& object,
                                       const std::string& path, const json::object& data) {
  std::set<std::string> unknown;
  for (const auto& item : object) unknown.emplace(item.key());
  for (const auto& field : fields) {
    unknown.erase(field.name);
    const json::value* const value = object.if_contains(field.name);
    if (value == nullptr) {
      if (field.required) return path + field.name;
    } else if (field.rule) {
      if (!field.rule(*value, data)) return path + field.name;
    } else if (!value->is_object()) {
      return path + field.name;
    } else if (auto fault =
                   first_fault(field.inside, value->get_object(), path + field.name + ".", data)) {
      return fault;
    }
  }
  if (!unknown.empty()) return path + *unknown.begin();
  return std::nullopt;
}

}  // namespace

bool is_command_type(std::string_view type) { return commands().contains(type); }

std::optional<std::string> first_faulty_field(std::string_view type, const json::object& data) {
  return first_fault(commands().find(type)->second, data, "", data);
}

bool has_faulty_range(const json::object& data) {
  const auto check_in = text_of(data, "check_in");
  const auto check_out = text_of(data, "check_out");
  if (check_in && check_out) {
    const int nights = *day_number(*check_out) - *day_number(*check_in);
    if (nights <= 0 || nights > 3660) return true;
  }
  const auto start = text_of(data, "start");
  const auto end = text_of(data, "end");
  if (start && end && *end <= *start) return true;
  const auto min_nights = integer_of(data, "min_nights");
  const auto max_nights = integer_of(data, "max_nights");
  return min_nights && max_nights && *max_nights < *min_nights;
}

std::optional<std::string> text_of(const json::object& data, std::string_view name) {
  const json::value* const value = data.if_contains(name);
  if (value == nullptr) return std::nullopt;
  return std::string(std::string_view(value->get_string()));
}

std::optional<std::int64_t> integer_of(const json::object& data, std::string_view name) {
  const json::value* const value = data.if_contains(name);
  if (value == nullptr) return std::nullopt;
  return value->get_int64();
}

std::optional<std::int64_t> instant_of(const json::object& data, std::string_view name) {
  const auto text = text_of(data, name);
  return text ? read_instant(*text) : std::nullopt;
}

}  // namespace pesan::audit
