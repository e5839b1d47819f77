// The Log port as it is, with the transactions of its writers counted and timed by role. Any
// thread, as the log; each writer one.
#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "engine/forwarded_log.hpp"

namespace pesan::metrics {

/// Does something that answers a Fallible<void>, and counts it.
template <class Transaction>
Fallible<void> measured(const Metrics::Transactions& transactions, Transaction transaction) {
  const auto begun = std::chrono::steady_clock::now();
  auto done = transaction();
  const auto took = std::chrono::steady_clock::now() - begun;
  transactions.ended(took, done ? std::nullopt : std::optional(done.error().kind));
  return done;
}

class MeasuredLog final : public ForwardedLog {
 public:
  /// Both outlive it and its writers.
  MeasuredLog(Log& log, Metrics& metrics) : ForwardedLog(log), metrics_(metrics) {}

  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override {
    auto writer = log().open_writer(role);
    if (!writer) return writer;
    return std::make_unique<Writer>(*std::move(writer), metrics_.transactions(std::string(role)));
  }

 private:
  class Writer final : public LogWriter {
   public:
    Writer(std::unique_ptr<LogWriter> writer, Metrics::Transactions transactions)
        : writer_(std::move(writer)), transactions_(transactions) {}

    Fallible<void> take(const Taking& taking) override { return writer_->take(taking); }
    Fallible<std::optional<Offset>> committed(TopicPartition source) override {
      return writer_->committed(source);
    }
    Fallible<void> commit(const Transaction& transaction) override {
      // One of nothing only asks whose the places are.
      const bool asks = transaction.records.empty() && transaction.consumed.empty();
      if (asks) return writer_->commit(transaction);
      return measured(transactions_, [&] { return writer_->commit(transaction); });
    }
    Fallible<void> begin_at(const Transaction& where) override { return writer_->begin_at(where); }
    void idle() override { writer_->idle(); }

   private:
    std::unique_ptr<LogWriter> writer_;
    Metrics::Transactions transactions_;
  };

  Metrics& metrics_;
};

}  // namespace pesan::metrics
