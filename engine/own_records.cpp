#include "engine/own_records.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "events/json_document.hpp"
#include "events/object_cursor.hpp"

namespace pesan {
namespace {

/// How pesan itself begins a record, whose ids need no escapes: nothing has to be parsed then.
bool begins_as_own(std::string_view record, std::string_view source) {
  constexpr std::string_view before_id = R"({"specversion":"1.0","id":")";
  constexpr std::string_view after_id = R"(","source":")";
  if (!record.starts_with(before_id)) return false;
  record.remove_prefix(std::min(record.find('"', before_id.size()), record.size()));
  if (!record.starts_with(after_id)) return false;
  record.remove_prefix(after_id.size());
  return record.starts_with(source) && record.substr(source.size()).starts_with('"');
}

bool names(std::string_view record, std::string_view source) {
  JsonDocument document;
  const auto* root = document.parse(record);
  const auto* object = root == nullptr ? nullptr : root->if_object();
  const auto* named = object == nullptr ? nullptr : object->if_contains("source");
  return named != nullptr && text_of(*named) == source;
}

}  // namespace

OwnRecords::OwnRecords(std::unique_ptr<Log> log, std::string_view log_id, OnForeign on_foreign)
    : ForwardedLog(*log), owned_(std::move(log)), on_foreign_(std::move(on_foreign)) {
  for (const Topic topic : {Topic::events, Topic::results, Topic::customers}) {
    sources_[static_cast<std::size_t>(topic)] = fmt::format("/pesan/{}/{}", log_id, name_of(topic));
  }
}

bool OwnRecords::is_own(Topic topic, std::string_view record) const {
  const std::string& source = sources_[static_cast<std::size_t>(topic)];
  return source.empty() || begins_as_own(record, source) || names(record, source);
}

Fallible<void> OwnRecords::read(TopicPartition source, Offset from, const ReadLimit& limit,
                                std::vector<Record>& into) {
  const Offset asked = from;
  from = behind_foreign(source, from);
  for (;;) {
    auto read = log().read(source, from, limit, into);
    if (!read) return read;
    if (into.empty()) {
      if (from > asked) remember_foreign(source, {.from = asked, .to = from});
      return {};
    }
    const Offset next = into.back().offset.next();
    std::erase_if(into, [&](const Record& record) {
      if (is_own(source.topic, record.payload.value)) return false;
      tell(source, record.offset);
      return true;
    });
    if (!into.empty()) return {};
    from = next;  // nothing but foreign ones: no sign of the end
  }
}

Offset OwnRecords::behind_foreign(TopicPartition source, Offset from) {
  const std::scoped_lock lock(mutex_);
  const auto known = foreign_.find(source);
  return known != foreign_.end() && known->second.from == from ? known->second.to : from;
}

void OwnRecords::remember_foreign(TopicPartition source, const Stretch& stretch) {
  const std::scoped_lock lock(mutex_);
  foreign_.insert_or_assign(source, stretch);
}

void OwnRecords::tell(TopicPartition source, Offset offset) {
  {
    const std::scoped_lock lock(mutex_);
    const auto [last, is_first] = told_.try_emplace(source, offset);
    if (!is_first && last->second >= offset) return;
    last->second = offset;
  }
  on_foreign_(source, offset);
}

}  // namespace pesan
