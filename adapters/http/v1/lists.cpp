#include "adapters/http/v1/lists.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/http/v1/parsing.hpp"
#include "adapters/http/v1/row_json.hpp"
#include "events/json_writer.hpp"

namespace pesan::http::v1 {
namespace {

/// Whether a row is on the list.
using Keep = std::function<bool(const OwnedRow&)>;

std::string_view given(const Question& question, std::string_view name) {
  const std::string* text = find(question.target.query, name);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

Answered<std::size_t> limit_of(const Question& question) {
  const std::string* text = find(question.target.query, "limit");
  if (text == nullptr) return PageQuestion{}.limit;
  const auto limit = number_in<std::int64_t>(*text);
  if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(most_rows_a_page)) {
    return refuse(Mistake::malformed_request,
                  fmt::format("limit is a number from 1 to {}.", most_rows_a_page));
  }
  return static_cast<std::size_t>(*limit);
}

Answered<std::optional<Value>> date_of(const Question& question, std::string_view name) {
  const std::string* text = find(question.target.query, name);
  if (text == nullptr) return std::nullopt;
  const auto date = parse_date(*text);
  if (!date) {
    return refuse(Mistake::malformed_request, fmt::format("{} is no date.", name));
  }
  return Value(*date);
}

/// Who asks for nothing means something that is missing, and not everything.
Answered<void> check_said(const Question& question, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string* text = find(question.target.query, name);
    if (text != nullptr && text->empty()) {
      return refuse(Mistake::malformed_request, fmt::format("{} says nothing.", name));
    }
  }
  return {};
}

/// The range that two parameters say, in the page.
Answered<void> put_range(const Question& question, std::string_view from, std::string_view to,
                         PageQuestion& page) {
  const auto first = date_of(question, from);
  if (!first) return std::unexpected(first.error());
  const auto behind = date_of(question, to);
  if (!behind) return std::unexpected(behind.error());
  page.from = *first;
  page.until = *behind;
  return {};
}

Answered<Page> page_of(const PageQuestion& page, RowReader& rows) {
  auto found = rows.page(page);
  if (found) return *std::move(found);
  if (found.error().kind == FailureKind::usage) return refuse(Mistake::bad_cursor);
  return std::unexpected(no_rows(found.error()));
}

Answered<Page> read(const Question& question, PageQuestion& page, RowReader& rows,
                    std::size_t most = most_rows_a_page) {
  const auto limit = limit_of(question);
  if (!limit) return std::unexpected(limit.error());
  page.limit = std::min(*limit, most);
  page.after = given(question, "after");
  return page_of(page, rows);
}

/// This path and query, with another cursor.
std::string link_to(const Question& question, std::string_view next) {
  std::string link;
  for (const std::string& segment : question.target.path) link += "/" + percent_encoded(segment);
  link += "?";
  for (const auto& [name, value] : question.target.query) {
    if (name == "after") continue;
    link += fmt::format("{}={}&", percent_encoded(name), percent_encoded(value));
  }
  return fmt::format("{}after={}", link, percent_encoded(next));
}

Response list_of(const Question& question, Table table, const std::vector<OwnedRow>& rows,
                 const std::string& next) {
  Response response{.status = 200, .content_type = "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const OwnedRow& row : rows) {
    write_row(json, table, row, question.client.sees_guests());
  }
  json.end_array();
  if (!next.empty()) {
    json.key("next");
    json.text(next);
    response.headers.push_back(
        {.name = "Link", .value = fmt::format("<{}>; rel=\"next\"", link_to(question, next))});
  }
  json.end_object();
  return response;
}

Answered<Response> list(const Question& question, PageQuestion page, RowReader& rows,
                        const Keep& keep) {
  auto found = read(question, page, rows);
  if (!found) return std::unexpected(found.error());
  const Table table = describe(page.path).table;
  std::erase_if(found->rows, [&](const OwnedRow& row) { return !keep(row); });
  return list_of(question, table, found->rows, found->next);
}

/// Of bookings: the parameters that compare a column, whatever the path.
struct Filter {
  std::string_view parameter;
  std::string_view column;
};
constexpr std::array booking_filters{Filter{"resource", "resource_id"}, Filter{"status", "status"},
                                     Filter{"schedule", "schedule_id"},
                                     Filter{"ref", "customer_ref"}};

/// All parameters are read before anything is looked for, also those that no path goes by.
struct BookingQuestion {
  std::optional<std::int64_t> number{};
  std::optional<Value> from{};  // of check-in
  std::optional<Value> to{};
};

Answered<BookingQuestion> booking_question_of(const Question& question) {
  BookingQuestion asked;
  if (auto good = check_said(question, {"resource", "status", "schedule", "ref", "customer"});
      !good) {
    return std::unexpected(good.error());
  }
  if (const std::string* status = find(question.target.query, "status");
      status != nullptr && !parse_enum<Status>(*status)) {
    return refuse(Mistake::malformed_request, "status is none that a booking has.");
  }
  if (const std::string* number = find(question.target.query, "number")) {
    asked.number = number_in<std::int64_t>(*number);
    if (!asked.number) return refuse(Mistake::malformed_request, "number is no number.");
  }
  const auto from = date_of(question, "check_in_from");
  if (!from) return std::unexpected(from.error());
  const auto to = date_of(question, "check_in_to");
  if (!to) return std::unexpected(to.error());
  asked.from = *from;
  asked.to = *to;
  return asked;
}

/// A page goes by rows of one resource where the client's token is for some alone: rows of others
/// say something by their number, and by where a page of them ends.
Answered<void> check_bounds(const Question& question) {
  if (question.client.resources.empty()) return {};
  if (find(question.target.query, "customer") != nullptr) {
    return refuse(Mistake::resource_not_yours,
                  "Customers belong to no resource, and this token is for some alone.");
  }
  const std::string* resource = find(question.target.query, "resource");
  if (resource != nullptr) return check_resource(question.client, *resource);
  return refuse(Mistake::resource_not_yours,
                "A token of some resources asks for one of them: ?resource=ID.");
}

bool is_asked_for(const Question& question, const BookingQuestion& asked, const OwnedRow& booking) {
  for (const auto& [parameter, column] : booking_filters) {
    const std::string* wanted = find(question.target.query, parameter);
    if (wanted != nullptr && text_of(Table::booking, booking, column) != *wanted) return false;
  }
  if (asked.number && number_of(Table::booking, booking, "number") != *asked.number) return false;
  const std::string_view check_in = text_of(Table::booking, booking, "check_in");
  const std::string* from = find(question.target.query, "check_in_from");
  const std::string* to = find(question.target.query, "check_in_to");
  if (from != nullptr && (check_in.empty() || check_in < *from)) return false;
  return to == nullptr || (!check_in.empty() && check_in < *to);
}

/// Of these prefixes those that begin with no other one, in the order of the rows: no row begins
/// with two of them.
std::vector<std::string> disjoint(std::vector<std::string> prefixes) {
  std::ranges::sort(prefixes);
  std::vector<std::string> left;
  for (std::string& prefix : prefixes) {
    if (left.empty() || !prefix.starts_with(left.back())) left.push_back(std::move(prefix));
  }
  return left;
}

/// A booking each: more would be as many questions to the store.
constexpr std::size_t most_links_a_page = 50;

/// The bookings of a customer, of which each is looked up.
Answered<Response> linked_bookings(const Question& question, std::string_view code,
                                   const BookingQuestion& asked, RowReader& rows) {
  PageQuestion page{.path = Path::bookings_of_customer, .equal = {code}};
  auto links = read(question, page, rows, most_links_a_page);
  if (!links) return std::unexpected(links.error());
  std::vector<OwnedRow> found;
  for (const OwnedRow& link : links->rows) {
    auto booking = rows.find(Table::booking, text_of(Table::customer_booking, link, "booking_id"));
    if (!booking) return std::unexpected(no_rows(booking.error()));
    // Of a deleted booking the link stays.
    if (*booking && is_asked_for(question, asked, **booking)) found.push_back(**std::move(booking));
  }
  return list_of(question, Table::booking, found, links->next);
}

}  // namespace

Answered<Response> answer_of(const Question& question, PageQuestion page, RowReader& rows) {
  return list(question, std::move(page), rows, [](const OwnedRow&) { return true; });
}

Answered<Response> slots(const Question& question, RowReader& rows) {
  const std::string_view available = given(question, "available");
  if (find(question.target.query, "available") != nullptr && available != "true") {
    return refuse(Mistake::malformed_request, "available is true, or is not there.");
  }
  PageQuestion page{.path = Path::slots_by_day,
                    .equal = {std::string_view(*find(question.match.path, "resource"))}};
  if (auto put = put_range(question, "from", "to", page); !put) {
    return std::unexpected(put.error());
  }
  return list(question, std::move(page), rows, [&](const OwnedRow& slot) {
    return available.empty() || (number_of(Table::schedule_capacity, slot, "is_open") != 0 &&
                                 number_of(Table::schedule_capacity, slot, "available") > 0);
  });
}

Answered<Response> resources(const Question& question, Path path, RowReader& rows) {
  if (question.client.resources.empty()) return answer_of(question, {.path = path}, rows);
  const auto limit = limit_of(question);
  if (!limit) return std::unexpected(limit.error());
  Page all;
  for (const std::string& prefix : disjoint(question.client.resources)) {
    if (all.rows.size() == *limit) {  // there may be more, of this prefix or a later one
      all.next = cursor_behind(path, all.rows.back());
      break;
    }
    const std::string behind = end_of_prefix(prefix);
    auto page = page_of({.path = path,
                         .from = Value(std::string_view(prefix)),
                         .until = Value(std::string_view(behind)),
                         .after = std::string(given(question, "after")),
                         .limit = *limit - all.rows.size()},
                        rows);
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->rows, std::back_inserter(all.rows));
    all.next = std::move(page->next);
    if (!all.next.empty()) break;
  }
  return list_of(question, describe(path).table, all.rows, all.next);
}

Answered<Response> bookings(const Question& question, RowReader& rows) {
  if (auto may = check_bounds(question); !may) return std::unexpected(may.error());
  const auto asked = booking_question_of(question);
  if (!asked) return std::unexpected(asked.error());
  const auto has = [&](std::string_view name) {
    return find(question.target.query, name) != nullptr;
  };
  if (has("customer")) {
    return linked_bookings(question, given(question, "customer"), *asked, rows);
  }
  PageQuestion page{.path = Path::bookings};
  const std::string_view resource = given(question, "resource");
  const std::string prefix = fmt::format("{}.", resource);
  const std::string behind = end_of_prefix(prefix);
  // Of the paths that serve, the one that leaves the least to be looked at.
  if (asked->number) {
    page = {.path = Path::booking_of_number, .equal = {*asked->number}};
  } else if (has("ref") && question.client.resources.empty()) {
    page = {.path = Path::bookings_of_ref, .equal = {given(question, "ref")}};
  } else if (has("resource") && has("schedule")) {
    page = {.path = Path::bookings_of_slot, .equal = {resource, given(question, "schedule")}};
  } else if (asked->from || asked->to) {
    page = {.path = Path::stays, .from = asked->from, .until = asked->to};
    if (has("resource")) {
      page.path = Path::stays_of_room;
      page.equal = {resource};
    }
  } else if (has("resource")) {
    page.from = Value(std::string_view(prefix));
    page.until = Value(std::string_view(behind));
  } else if (has("status")) {
    page = {.path = Path::bookings_in_status, .equal = {given(question, "status")}};
  }
  return list(question, std::move(page), rows,
              [&](const OwnedRow& booking) { return is_asked_for(question, *asked, booking); });
}

Answered<Response> customers(const Question& question, RowReader& rows) {
  const std::string_view phone = given(question, "phone");
  const std::string_view email = given(question, "email");
  const std::string_view name = given(question, "name");
  const std::string behind = end_of_prefix(name);
  // Whoever finds somebody by these knows them.
  const bool by_contact = find(question.target.query, "phone") != nullptr ||
                          find(question.target.query, "email") != nullptr;
  if (by_contact && !question.client.sees_guests()) {
    return refuse(Mistake::role_forbids,
                  "A viewer sees no phones and e-mail addresses, and finds nobody by them.");
  }
  if (auto good = check_said(question, {"phone", "email", "name"}); !good) {
    return std::unexpected(good.error());
  }
  PageQuestion page{.path = Path::customers};
  if (!phone.empty()) {
    page = {.path = Path::customers_of_phone, .equal = {phone}};
  } else if (!email.empty()) {
    page = {.path = Path::customers_of_email, .equal = {email}};
  } else if (!name.empty()) {
    page = {.path = Path::customers_by_name, .from = Value(name), .until = Value(behind)};
  }
  return list(question, std::move(page), rows, [&](const OwnedRow& customer) {
    const auto is = [&](std::string_view column, std::string_view wanted) {
      return wanted.empty() || text_of(Table::customer, customer, column) == wanted;
    };
    return is("phone", phone) && is("email", email) &&
           text_of(Table::customer, customer, "name").starts_with(name);
  });
}

Answered<Response> bookings_of_customer(const Question& question, std::string_view code,
                                        RowReader& rows) {
  return linked_bookings(question, code, {}, rows);
}

}  // namespace pesan::http::v1
