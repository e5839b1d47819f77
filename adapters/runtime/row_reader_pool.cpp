#include "adapters/runtime/row_reader_pool.hpp"

#include <utility>

#include <fmt/format.h>

namespace pesan::runtime {

/// Ends however the call ends; a reader that failed, or that threw, does not come back.
class RowReaderPool::Loan {
 public:
  explicit Loan(RowReaderPool& pool) : pool_(pool) {}
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() { pool_.give_back(std::move(sound)); }

  std::unique_ptr<RowReader> sound;

 private:
  RowReaderPool& pool_;
};

Fallible<void> RowReaderPool::take(std::unique_ptr<RowReader>& rested) {
  std::unique_lock lock(mutex_);
  const bool free =
      given_back_.wait_for(lock, bounds_.patience, [this] { return lent_ < bounds_.readers; });
  if (!free) {
    return fail(FailureKind::transient,
                fmt::format("all {} readers of the rows were in use for {} ms; try again",
                            bounds_.readers, bounds_.patience.count()));
  }
  ++lent_;
  if (resting_.empty()) return {};
  rested = std::move(resting_.back());
  resting_.pop_back();
  return {};
}

void RowReaderPool::give_back(std::unique_ptr<RowReader> reader) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (reader != nullptr) resting_.push_back(std::move(reader));
  }
  given_back_.notify_one();
}

template <class Call>
auto RowReaderPool::with_reader(Call call) -> decltype(call(std::declval<RowReader&>())) {
  std::unique_ptr<RowReader> reader;
  if (auto taken = take(reader); !taken) return std::unexpected(std::move(taken.error()));
  Loan loan(*this);
  for (bool rested = reader != nullptr;; rested = false) {
    if (!rested) {
      auto opened = open_();
      if (!opened) return std::unexpected(std::move(opened.error()));
      reader = *std::move(opened);
    }
    auto answer = call(*reader);
    const bool failed = !answer && answer.error().kind != FailureKind::usage;
    if (failed && rested && answer.error().kind == FailureKind::transient) continue;
    if (!failed) loan.sound = std::move(reader);
    return answer;
  }
}

Fallible<std::optional<OwnedRow>> RowReaderPool::find(Table table, const RowKey& key) {
  return with_reader([&](RowReader& reader) { return reader.find(table, key); });
}

Fallible<Page> RowReaderPool::page(const PageQuestion& question) {
  return with_reader([&](RowReader& reader) { return reader.page(question); });
}

Fallible<std::vector<Checkpoint>> RowReaderPool::positions() {
  return with_reader([](RowReader& reader) { return reader.positions(); });
}

}  // namespace pesan::runtime
