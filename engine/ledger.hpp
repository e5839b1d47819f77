// The memory of outcomes: the last N of them by idempotency key, first in first out
// (docs/wire.md#repeats).
// An entry takes about a hundred bytes. What was added since the last commit can be taken back,
// with nothing forgotten in between. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include "events/digest.hpp"
#include "events/ids.hpp"
#include "events/rejection.hpp"

namespace pesan {

/// An outcome without what the repeated command itself brings (resource, source, id).
struct Outcome {
  std::optional<Code> code;         // of a rejection
  std::string_view booking_suffix;  // "" where there is no booking_id
  std::string_view details;         // JSON text, or ""
  bool has_event = false;           // its version is `version`
  Sequence sequence;
  Version version;
};

/// A queue of texts: appended at one end, dropped at the other.
class TextQueue {
 public:
  std::uint64_t append(std::string_view a, std::string_view b);
  std::string_view at(std::uint64_t place, std::size_t size) const;
  void drop_before(std::uint64_t place);
  std::uint64_t end() const { return end_; }
  void cut(std::uint64_t place) { end_ = place; }

 private:
  static constexpr std::uint64_t chunk_size = std::uint64_t{1} << 18;
  std::deque<std::unique_ptr<char[]>> chunks_;
  std::uint64_t first_chunk_ = 0;
  std::uint64_t end_ = 0;
};

class Ledger {
 public:
  explicit Ledger(std::size_t remember);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  struct Entry {
    Digest key;
    Digest payload;
    Sequence sequence;
    Version version;
    std::uint64_t text = 0;  // suffix, then details
    std::uint16_t details_size = 0;
    std::uint8_t suffix_size = 0;
    std::uint8_t code = 0;  // 0 accepted, else Code + 1
    bool has_event = false;
  };

  const Entry* find(const Digest& key) const;
  Outcome outcome_of(const Entry& entry) const;
  void add(const Digest& key, const Digest& payload, const Outcome& outcome);

  void commit();
  void rollback();

  std::size_t remembered() const;
  std::size_t limit() const { return remember_; }
  /// It may have forgotten something.
  bool full() const { return entries_.size() >= remember_; }
  /// Room for as many outcomes at once.
  void reserve(std::size_t count) { by_key_.reserve(std::min(count, remember_)); }
  const std::deque<Entry>& entries() const { return entries_; }

 private:
  struct Hash {
    using is_transparent = void;
    const Ledger* ledger;
    std::size_t operator()(std::uint32_t number) const;
    std::size_t operator()(const Digest& key) const { return key.low ^ key.high; }
  };
  struct Equal {
    using is_transparent = void;
    const Ledger* ledger;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(std::uint32_t a, const Digest& key) const;
    bool operator()(const Digest& key, std::uint32_t a) const { return (*this)(a, key); }
  };
  const Entry& numbered(std::uint32_t number) const {
    return entries_[static_cast<std::uint32_t>(number - first_)];
  }

  std::size_t remember_;
  std::uint32_t first_ = 0;  // number of entries_.front(); numbers wrap
  std::size_t pending_ = 0;  // entries since the last commit
  std::deque<Entry> entries_;
  TextQueue texts_;
  boost::unordered_flat_set<std::uint32_t, Hash, Equal> by_key_;
};

}  // namespace pesan
