// A RowReader for any number of threads: it lends each call a reader of its own and keeps at most
// so many of them. They are opened when they are needed. One that failed is not used again, because
// its connection may be gone; one that had rested until then may have been dead all the while, so
// its call is made once more with a new one. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "projections/row_reader.hpp"

namespace pesan::runtime {

class RowReaderPool final : public RowReader {
 public:
  /// Called by any thread.
  using Open = std::function<Fallible<std::unique_ptr<RowReader>>()>;
  struct Bounds {
    std::size_t readers = 4;
    /// How long a call waits for a reader; then it is `transient`.
    std::chrono::milliseconds patience{5000};
  };
  RowReaderPool(const Bounds& bounds, Open open) : bounds_(bounds), open_(std::move(open)) {
    resting_.reserve(bounds.readers);  // giving one back must not fail
  }

  Fallible<std::optional<OwnedRow>> find(Table table, const RowKey& key) override;
  Fallible<Page> page(const PageQuestion& question) override;
  Fallible<std::vector<Checkpoint>> positions() override;

 private:
  /// The right to use a reader, and the one that had rested, if one did.
  class Loan;
  template <class Call>
  auto with_reader(Call call) -> decltype(call(std::declval<RowReader&>()));
  Fallible<void> take(std::unique_ptr<RowReader>& rested);
  void give_back(std::unique_ptr<RowReader> reader);

  const Bounds bounds_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<RowReader>> resting_;
};

}  // namespace pesan::runtime
