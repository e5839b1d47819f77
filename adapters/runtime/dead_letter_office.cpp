#include "adapters/runtime/dead_letter_office.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "engine/command_processor.hpp"
#include "events/digest.hpp"
#include "events/partitioner.hpp"

namespace pesan::runtime {
namespace {

bool is_added_by_pesan(const Header& header) {
  return header.name == reason_header || header.name == origin_header ||
         header.name == forwarded_header;
}

OutgoingRecord handed_in_again(const Record& letter) {
  OutgoingRecord record{.to = {}, .payload = letter.payload};
  std::erase_if(record.payload.headers, is_added_by_pesan);
  return record;
}

}  // namespace

Fallible<void> each_letter(LogReader& log, Offset from,
                           const std::function<Fallible<bool>(const Record&)>& on_letter) {
  std::vector<Record> records;
  const auto range = log.range(dead_letters);
  if (!range) return std::unexpected(range.error());
  for (Offset next = std::max(from, range->begin); next < range->end;) {
    if (auto read = log.read(dead_letters, next, {}, records); !read) return read;
    if (records.empty()) return {};
    for (const Record& record : records) {
      if (record.offset >= range->end) return {};
      const auto more = on_letter(record);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
    }
    next = records.back().offset.next();
  }
  return {};
}

Fallible<Record> letter_at(LogReader& log, std::int64_t offset) {
  std::optional<Record> found;
  auto read = each_letter(log, Offset{offset}, [&](const Record& record) -> Fallible<bool> {
    if (record.offset.value == offset) found = record;
    return false;
  });
  if (!read) return std::unexpected(read.error());
  if (!found) return fail(FailureKind::usage, fmt::format("there is no dead letter {}", offset));
  return *std::move(found);
}

Fallible<void> Redrive::add(const Record& letter, const std::optional<std::string>& mended) {
  OutgoingRecord& record = outgoing_.emplace_back(handed_in_again(letter));
  letters_.push_back(letter.offset);
  if (mended) {
    record.payload.value = *mended;
    record.payload.null_value = false;
  }
  // Where the engine would want it, so that nobody has to forward it.
  const Envelope& envelope = reader_.read(record.payload.value);
  record.to = {Topic::commands, Partition{0}};
  if (envelope.resource) {
    record.payload.key = std::string(*envelope.resource);
    record.to.partition = partition_of(*envelope.resource, log_.partitions());
  }
  bytes_ += record.payload.value.size();
  return letters_.size() < most_letters && bytes_ < most_bytes ? Fallible<void>{} : flush();
}

Fallible<void> Redrive::flush() {
  if (outgoing_.empty()) return {};
  const auto offsets = log_.append(outgoing_);
  if (!offsets) return std::unexpected(offsets.error());
  for (std::size_t i = 0; i < outgoing_.size(); ++i) {
    sent_(letters_[i], outgoing_[i].to, (*offsets)[i]);
  }
  count_ += letters_.size();
  outgoing_.clear();
  letters_.clear();
  bytes_ = 0;
  return {};
}

Fallible<void> Redrive::all() {
  std::set<std::tuple<std::optional<std::string>, Digest, bool>> seen;
  auto read = each_letter(log_, Offset{0}, [&](const Record& letter) -> Fallible<bool> {
    const Payload& payload = letter.payload;
    if (seen.emplace(payload.key, digest_of(payload.value), payload.null_value).second) {
      if (auto added = add(letter); !added) return std::unexpected(added.error());
    }
    return true;
  });
  return read ? flush() : read;
}

Fallible<void> Redrive::chosen(const std::vector<std::int64_t>& offsets,
                               const std::optional<std::string>& mended) {
  std::vector<Record> found;
  for (const std::int64_t offset : offsets) {
    auto letter = letter_at(log_, offset);
    if (!letter) return std::unexpected(letter.error());
    found.push_back(*std::move(letter));
  }
  for (const Record& letter : found) {
    if (auto added = add(letter, mended); !added) return added;
  }
  return flush();
}

}  // namespace pesan::runtime
