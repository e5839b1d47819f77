// The customer registry's loop: reads every partition of events, links each BookingCreated to a
// customer, and commits {customer events, consumed offsets} of all partitions in one transaction.
// One writer at a time; taking the place over fences the one before. One step a call, no sleeping,
// one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/customer_master.hpp"
#include "engine/log_writer.hpp"
#include "events/event_codec.hpp"
#include "events/repeat_window.hpp"

namespace pesan {

struct RegistryOptions {
  std::size_t batch = 4000;  // most events in a transaction
  /// Told of every booking linked, once it is committed: whether the customer is new, name, phone.
  std::function<void(bool is_new, std::string_view name, std::string_view phone)> linked;
};

class Registry {
 public:
  static Fallible<std::unique_ptr<Registry>> start(Log& log, RegistryOptions options,
                                                   const ClaimProof& proof = {});
  /// Takes its place again, under a new proof. False: it does not stand where the log does; start
  /// another one.
  Fallible<bool> retake(const ClaimProof& proof);

  /// What is there of all partitions, up to a batch; the number of events read. transient: call
  /// again after a pause. Anything else: this registry is done; start another one (conflict:
  /// somebody else has the place; unknown: recovery finds out; fatal: an operator is needed).
  Fallible<std::size_t> step();

  const CustomerMaster& master() const { return master_; }
  /// The events read and committed, per partition: the next offset.
  Offset next_of(Partition partition) const;

 private:
  struct Source {
    Partition partition;
    Offset next;
    Sequence last{-1};    // last seen here
    RepeatWindow recent;  // up to it, by sequence
  };
  struct Linked {
    bool is_new;
    std::string name;
    std::string phone;
  };

  Registry(Log& log, RegistryOptions options) : log_(log), options_(std::move(options)) {}
  Fallible<void> take_place(const ClaimProof& proof);
  Fallible<void> begin();
  Fallible<void> recover();
  Fallible<void> recall(Source& source);
  Fallible<void> replay_customers();
  Fallible<void> gather();
  Fallible<void> read_batch(Source& source);
  Fallible<void> take(Source& source, const Record& record);
  void link(const LoggedEvent& event, const ResourceEvent& what, const BookingCreated& booking,
            Partition partition);
  Fallible<std::size_t> commit();

  Log& log_;
  RegistryOptions options_;
  std::unique_ptr<LogWriter> writer_;
  std::string log_id_;
  CustomerMaster master_;
  Sequence next_sequence_;
  std::vector<Source> sources_;
  std::size_t turn_ = 0;
  EventDecoder decoder_;
  std::vector<Record> events_;
  Transaction transaction_;  // decided, not yet committed: repeated after a transient failure
  std::size_t pending_ = 0;  // events it consumes
  std::optional<Failure> stopped_;  // at a record that does not fit
  std::vector<Linked> announced_;
  std::string code_;
};

}  // namespace pesan
