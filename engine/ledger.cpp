#include "engine/ledger.hpp"

#include <algorithm>
#include <cstring>

#include "events/assert.hpp"

namespace pesan {

std::uint64_t TextQueue::append(std::string_view a, std::string_view b) {
  const std::uint64_t size = a.size() + b.size();
  PESAN_ASSERT(size <= chunk_size, "details are short");
  if (end_ % chunk_size + size > chunk_size) end_ = (end_ / chunk_size + 1) * chunk_size;
  const std::uint64_t place = end_;
  while (first_chunk_ + chunks_.size() <= (place + size) / chunk_size) {
    chunks_.push_back(std::make_unique<char[]>(chunk_size));
  }
  char* to = chunks_[place / chunk_size - first_chunk_].get() + place % chunk_size;
  std::copy(a.begin(), a.end(), to);
  std::copy(b.begin(), b.end(), to + a.size());
  end_ = place + size;
  return place;
}

std::string_view TextQueue::at(std::uint64_t place, std::size_t size) const {
  if (size == 0) return {};
  return {chunks_[place / chunk_size - first_chunk_].get() + place % chunk_size, size};
}

void TextQueue::drop_before(std::uint64_t place) {
  for (; !chunks_.empty() && (first_chunk_ + 1) * chunk_size <= place; ++first_chunk_) {
    chunks_.pop_front();
  }
}

Ledger::Ledger(std::size_t remember)
    : remember_(std::max<std::size_t>(remember, 1)), by_key_(0, Hash{this}, Equal{this}) {}

std::size_t Ledger::Hash::operator()(std::uint32_t number) const {
  return (*this)(ledger->numbered(number).key);
}

bool Ledger::Equal::operator()(std::uint32_t a, const Digest& key) const {
  return ledger->numbered(a).key == key;
}

const Ledger::Entry* Ledger::find(const Digest& key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  // Entries beyond the last N are forgotten, though until the commit they are still there.
  const auto place = static_cast<std::uint32_t>(*found - first_);
  return place + remember_ < entries_.size() ? nullptr : &entries_[place];
}

Outcome Ledger::outcome_of(const Entry& entry) const {
  return {.code = entry.code == 0 ? std::nullopt : std::optional(static_cast<Code>(entry.code - 1)),
          .booking_suffix = texts_.at(entry.text, entry.suffix_size),
          .details = texts_.at(entry.text + entry.suffix_size, entry.details_size),
          .has_event = entry.has_event,
          .sequence = entry.sequence,
          .version = entry.version};
}

void Ledger::add(const Digest& key, const Digest& payload, const Outcome& outcome) {
  const auto number = static_cast<std::uint32_t>(first_ + entries_.size());
  // A key that was forgotten but not yet dropped gives its place in the index to the new one.
  if (const auto old = by_key_.find(key); old != by_key_.end()) by_key_.erase(old);
  entries_.push_back({.key = key,
                      .payload = payload,
                      .sequence = outcome.sequence,
                      .version = outcome.version,
                      .text = texts_.append(outcome.booking_suffix, outcome.details),
                      .details_size = static_cast<std::uint16_t>(outcome.details.size()),
                      .suffix_size = static_cast<std::uint8_t>(outcome.booking_suffix.size()),
                      .code = static_cast<std::uint8_t>(
                          outcome.code ? static_cast<unsigned>(*outcome.code) + 1U : 0U),
                      .has_event = outcome.has_event});
  by_key_.insert(number);
  ++pending_;
}

void Ledger::commit() {
  pending_ = 0;
  while (entries_.size() > remember_) {
    const auto found = by_key_.find(entries_.front().key);
    if (found != by_key_.end() && *found == first_) by_key_.erase(found);
    entries_.pop_front();
    ++first_;
  }
  texts_.drop_before(entries_.empty() ? texts_.end() : entries_.front().text);
}

void Ledger::rollback() {
  for (; pending_ > 0; --pending_) {
    const auto number = static_cast<std::uint32_t>(first_ + entries_.size() - 1);
    const Entry& entry = entries_.back();
    by_key_.erase(number);
    const Digest key = entry.key;
    texts_.cut(entry.text);
    entries_.pop_back();
    // The key may have been there before, forgotten but not dropped; only the index had lost it.
    // Where it was there more than once, the index knew the last.
    for (std::size_t i = entries_.size(); i > remember_; --i) {
      const std::size_t place = i - remember_ - 1;
      if (entries_[place].key != key) continue;
      by_key_.insert(static_cast<std::uint32_t>(first_ + place));
      break;
    }
  }
}

std::size_t Ledger::remembered() const { return std::min(entries_.size(), remember_); }

}  // namespace pesan
