// The memory of outcomes against a naive one: a list, searched from its end.

#include <deque>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/ledger.hpp"
#include "tests/support/random.hpp"

namespace pesan {
namespace {

struct Remembered {
  Digest key;
  std::int64_t sequence = 0;
  std::string details;
};

/// The last N, and nothing clever.
class NaiveLedger {
 public:
  explicit NaiveLedger(std::size_t remember) : remember_(remember) {}

  void add(Remembered outcome) { all_.push_back(std::move(outcome)); }
  const Remembered* find(const Digest& key) const {
    for (std::size_t i = all_.size(); i > 0 && all_.size() - i < remember_; --i) {
      if (all_[i - 1].key == key) return &all_[i - 1];
    }
    return nullptr;
  }
  void commit() { committed_ = all_.size(); }
  void rollback() { all_.resize(committed_); }

 private:
  std::size_t remember_;
  std::size_t committed_ = 0;
  std::deque<Remembered> all_;
};

TEST(PropertyLedger, RemembersWhatTheNaiveOneRemembers) {
  EXPECT_TRUE(rc::check("ledger == naive ledger", [] {
    Random dice(*rc::gen::arbitrary<std::uint64_t>());
    const auto remember = dice.pick<std::size_t>({1, 2, 3, 10, 200});
    const auto keys = dice.pick<std::size_t>({3, 10, 400});
    const std::int64_t longest = dice.pick<std::int64_t>({0, 40, 1300});
    Ledger ledger(remember);
    NaiveLedger naive(remember);
    for (std::int64_t i = 0; i < 1500; ++i) {
      const std::uint64_t number = dice.below(keys);
      const Digest key{.high = number * 7, .low = number};
      const auto* entry = ledger.find(key);
      const auto* expected = naive.find(key);
      RC_ASSERT((entry == nullptr) == (expected == nullptr));
      if (entry != nullptr) {
        const Outcome outcome = ledger.outcome_of(*entry);
        RC_ASSERT(outcome.sequence.value == expected->sequence);
        RC_ASSERT(outcome.details == expected->details);
        RC_ASSERT(outcome.booking_suffix == std::to_string(expected->sequence));
      } else {
        const std::string details(static_cast<std::size_t>(dice.between(0, longest)), 'd');
        naive.add({.key = key, .sequence = i, .details = details});
        const std::string suffix = std::to_string(i);
        ledger.add(key, {},
                   {.code = Code::invalid_field,
                    .booking_suffix = suffix,
                    .details = details,
                    .has_event = false,
                    .sequence = {i},
                    .version = {}});
      }
      if (dice.one_in(20)) {
        ledger.commit();
        naive.commit();
      } else if (dice.one_in(20)) {
        ledger.rollback();
        naive.rollback();
      }
    }
  }));
}

}  // namespace
}  // namespace pesan
