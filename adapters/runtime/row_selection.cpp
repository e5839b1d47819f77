#include "adapters/runtime/row_selection.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "events/time.hpp"

namespace pesan::runtime {
namespace {

bool holds(const StoredValue& cell, std::string_view value, bool prefix) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) {
    return prefix ? text->starts_with(value) : *text == value;
  }
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    return std::to_string(*number) == value;
  return value.empty();
}

/// A value as the rows have it, whichever way it is written; nothing where it can be in none.
std::optional<std::string> stored_form(const Column& column, const std::string& value) {
  const auto known = [&](const auto& parsed) {
    return parsed ? std::optional(value) : std::nullopt;
  };
  switch (column.type) {
    case ColumnType::boolean:
      if (value == "yes" || value == "true" || value == "1") return "1";
      if (value == "no" || value == "false" || value == "0") return "0";
      return std::nullopt;
    case ColumnType::integer: {
      std::int64_t number = 0;
      const char* end = value.data() + value.size();
      const auto parsed = std::from_chars(value.data(), end, number);
      if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
      return std::to_string(number);
    }
    case ColumnType::date: return known(parse_date(value));
    case ColumnType::time_of_day: return known(parse_time_of_day(value));
    case ColumnType::local_minute: return known(parse_local_minute(value));
    case ColumnType::instant: {
      const auto instant = parse_instant(value);
      return instant ? std::optional(to_string(*instant)) : std::nullopt;
    }
    case ColumnType::local_time: return parse_local_minute(value) ? value + ":00.000" : value;
    case ColumnType::text:
    case ColumnType::json: break;
  }
  return value;
}

std::string_view form_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean: return "yes or no (true or false, 1 or 0)";
    case ColumnType::integer: return "an integer";
    case ColumnType::date: return "a day as 2026-12-01";
    case ColumnType::time_of_day: return "a time as 09:30";
    case ColumnType::local_minute: return "a local time as 2026-12-01T09:30";
    case ColumnType::instant: return "an instant as 2026-12-01T02:30:00Z";
    case ColumnType::local_time:
    case ColumnType::text:
    case ColumnType::json: break;
  }
  return "a text";
}

}  // namespace

const std::vector<View>& views() {
  static const std::vector<View> all{
      {"rooms", Table::room_availability, {}},
      {"nights", Table::room_night, {}},
      {"services", Table::service, {}},
      {"schedules", Table::schedule_capacity, {}},
      {"bookings",
       Table::booking,
       {"number", "resource_id", "nights", "customer_gender", "customer_phone", "customer_email",
        "customer_address", "customer_ref", "subject_type", "subject_id", "staff_id", "price_minor",
        "is_checked_in", "is_checked_out", "notes", "created_at", "version"}},
      {"history", Table::booking_history, {"details"}},
      {"payments", Table::payment, {}},
      {"customers", Table::customer, {"address"}},
      {"customer-bookings", Table::customer_booking, {}},
  };
  return all;
}

Fallible<Selection> Selection::of(const View& view, const RowQuestion& question) {
  Selection selection(describe(view.table));
  if (auto added = selection.add_filters(question); !added) return std::unexpected(added.error());
  if (auto chosen = selection.choose_columns(view, question); !chosen) {
    return std::unexpected(chosen.error());
  }
  return selection;
}

Fallible<void> Selection::add_filters(const RowQuestion& question) {
  const auto wrong = [&](std::string_view option) {
    return fail(FailureKind::usage,
                fmt::format("{} does not select among {}", option, question.what));
  };
  if (!question.resource.empty()) {
    if (has("resource_id")) {
      conditions_.push_back({table_->index_of("resource_id"), question.resource});
    } else if (has("booking_id")) {
      // A booking's id begins with that of its resource, and no resource id has a point in it.
      conditions_.push_back({table_->index_of("booking_id"), question.resource + ".", true});
    } else {
      return wrong("--resource");
    }
  }
  if (!question.booking.empty()) {
    if (!has("booking_id")) return wrong("--booking");
    conditions_.push_back({table_->index_of("booking_id"), question.booking});
  }
  for (const std::string& where : question.where) {
    const std::size_t equals = where.find('=');
    if (equals == std::string::npos) {
      return fail(FailureKind::usage, fmt::format("--where {}: not COLUMN=VALUE", where));
    }
    const std::string column = where.substr(0, equals);
    if (!has(column)) return no_column(column);
    const std::size_t index = table_->index_of(column);
    const std::string value = where.substr(equals + 1);
    auto stored = value.empty() ? std::optional(value) : stored_form(table_->columns[index], value);
    if (!stored) {
      return fail(FailureKind::usage,
                  fmt::format("--where {}: {} is {}, or nothing for null", where, column,
                              form_of(table_->columns[index].type)));
    }
    conditions_.push_back({index, *std::move(stored)});
  }
  return {};
}

Fallible<void> Selection::choose_columns(const View& view, const RowQuestion& question) {
  const bool every = question.columns == std::vector<std::string>{"all"};
  asked_for_columns_ = !question.columns.empty();
  if (asked_for_columns_ && !every) {
    for (const std::string& column : question.columns) {
      if (!has(column)) return no_column(column);
      columns_.push_back(table_->index_of(column));
    }
    return {};
  }
  for (std::size_t i = 0; i < table_->width(); ++i) {
    const std::string_view name = table_->columns[i].name;
    const bool hidden = name == "sequence" || name == "updated_at" ||
                        std::ranges::find(view.hidden, name) != view.hidden.end();
    if (every || question.every_column || !hidden) columns_.push_back(i);
  }
  return {};
}

std::unexpected<Failure> Selection::no_column(std::string_view column) const {
  std::string names;
  for (const Column& c : table_->columns) {
    names.append(names.empty() ? "" : ", ").append(c.name);
  }
  return fail(FailureKind::usage,
              fmt::format("{} has no column {}; it has {}", table_->name, column, names));
}

bool Selection::wants(const StoredRow& row) const {
  return std::ranges::all_of(
      conditions_, [&](const Condition& c) { return holds(row[c.column], c.value, c.prefix); });
}

std::string_view Selection::key_prefix() const {
  const auto found = std::ranges::find(conditions_, 0U, &Condition::column);
  return found == conditions_.end() ? std::string_view() : found->value;
}

std::vector<Selection::Chosen> Selection::columns() const {
  std::vector<Chosen> result;
  for (const std::size_t i : columns_) {
    result.push_back({.column = &table_->columns[i], .key = i < table_->key_columns});
  }
  return result;
}

const StoredRow& Selection::pick(const StoredRow& row) {
  picked_.clear();
  for (const std::size_t i : columns_) picked_.push_back(row[i]);
  return picked_;
}

}  // namespace pesan::runtime
