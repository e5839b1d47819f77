#include "engine/registry.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/recovery.hpp"
#include "events/assert.hpp"

namespace pesan {
namespace {

constexpr TopicPartition customers_topic{Topic::customers, Partition{0}};

std::unexpected<Failure> refuse(TopicPartition where, Offset offset, std::string_view what) {
  return fail(FailureKind::fatal, fmt::format("{} {}-{}: {}", name_of(where.topic),
                                              where.partition.value, offset.value, what));
}

}  // namespace

Fallible<std::unique_ptr<Registry>> Registry::start(Log& log, RegistryOptions options,
                                                    const ClaimProof& proof) {
  auto registry = std::unique_ptr<Registry>(new Registry(log, std::move(options)));
  auto writer = log.open_writer("registry");
  if (!writer) return std::unexpected(writer.error());
  registry->writer_ = *std::move(writer);
  if (auto taken = registry->take_place(proof); !taken) return std::unexpected(taken.error());
  if (auto recovered = registry->recover(); !recovered) {
    return std::unexpected(recovered.error());
  }
  if (auto begun = registry->begin(); !begun) return std::unexpected(begun.error());
  return registry;
}

Fallible<void> Registry::take_place(const ClaimProof& proof) {
  Taking taking{
      .place = customers_topic, .sources = {}, .answers = {customers_topic}, .proof = proof};
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    taking.sources.push_back({Topic::events, Partition{p}});
  }
  return writer_->take(taking);
}

Fallible<bool> Registry::retake(const ClaimProof& proof) {
  if (auto taken = take_place(proof); !taken) return std::unexpected(taken.error());
  if (pending_ > 0) return false;  // which of it is committed is not known
  for (const Source& source : sources_) {
    const auto committed = writer_->committed({Topic::events, source.partition});
    if (!committed) return std::unexpected(committed.error());
    if (committed->value_or(Offset{}) != source.next) return false;
  }
  if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  return true;
}

Fallible<void> Registry::begin() {
  Transaction where;
  where.places = {customers_topic};
  for (const Source& source : sources_) {
    where.consumed.push_back({.source = {Topic::events, source.partition}, .next = source.next});
  }
  return writer_->begin_at(where);
}

Fallible<void> Registry::recover() {
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    const auto opened = read_opened(log_, Partition{p});
    if (!opened) return std::unexpected(opened.error());
    if (p > 0 && opened->log_id != log_id_) {
      return fail(FailureKind::fatal, "the events partitions are not of one log");
    }
    log_id_ = opened->log_id;
    const auto committed = writer_->committed({Topic::events, Partition{p}});
    if (!committed) return std::unexpected(committed.error());
    // Without a committed offset all events are read again; those already linked are skipped.
    sources_.push_back({.partition = Partition{p}, .next = committed->value_or(Offset{})});
    if (auto recalled = recall(sources_.back()); !recalled) return recalled;
  }
  auto calling_code = read_calling_code(log_);
  if (!calling_code) return std::unexpected(calling_code.error());
  master_ = CustomerMaster(*std::move(calling_code));
  return replay_customers();
}

/// Reads the last events that were consumed, so that the next one can be told from a later one and
/// from a repeat.
Fallible<void> Registry::recall(Source& source) {
  if (source.next == Offset{}) return {};
  const TopicPartition from{Topic::events, source.partition};
  const Offset last{source.next.value - 1};
  Offset next{std::max<std::int64_t>(source.next.value - RepeatWindow::length, 0)};
  while (next <= last) {
    const auto left = static_cast<std::size_t>(last.value - next.value + 1);
    const ReadLimit limit{.records = left, .bytes = std::size_t{8} << 20};
    if (auto read = log_.read(from, next, limit, events_); !read) return read;
    if (events_.empty()) break;
    for (const Record& record : events_) {
      next = record.offset.next();
      if (record.offset > last) break;
      const auto event = decoder_.decode(record.payload.value);
      if (!event) return refuse(from, record.offset, event.error().what);
      if (event->log_id != log_id_) {
        return refuse(from, record.offset, "the event is of another log");
      }
      source.last = std::max(source.last, event->sequence);
      source.recent.add(event->sequence.value, digest_of(record.payload.value));
      if (record.offset == last) return {};
    }
  }
  return refuse(from, last, "the committed offset follows no event: it is of another history");
}

Fallible<void> Registry::replay_customers() {
  const auto range = log_.range(customers_topic);
  if (!range) return std::unexpected(range.error());
  RepeatWindow recent;
  for (Offset next = range->begin; next < range->end;) {
    const ReadLimit limit{.records = 4000, .bytes = std::size_t{16} << 20};
    if (auto read = log_.read(customers_topic, next, limit, events_); !read) return read;
    if (events_.empty()) break;
    for (const Record& record : events_) {
      const auto event = decoder_.decode_customer(record.payload.value);
      if (!event) return refuse(customers_topic, record.offset, event.error().what);
      const Digest digest = digest_of(record.payload.value);
      if (recent.has(event->sequence.value, digest)) continue;
      if (event->log_id != log_id_) {
        return refuse(customers_topic, record.offset, "the event is of another log");
      }
      if (event->sequence != next_sequence_) {
        return refuse(customers_topic, record.offset, "the sequence has a gap or a repeat");
      }
      try {
        master_.evolve(event->body);
      } catch (const Bug& bug) {
        return refuse(customers_topic, record.offset, bug.what());
      }
      recent.add(event->sequence.value, digest);
      next_sequence_ = next_sequence_.next();
    }
    next = events_.back().offset.next();
  }
  return {};
}

Fallible<std::size_t> Registry::step() {
  if (pending_ > 0) return commit();  // what failed in passing
  if (stopped_) return std::unexpected(*stopped_);
  transaction_.clear();
  announced_.clear();
  const auto gathered = gather();
  if (pending_ > 0) return commit();
  writer_->idle();
  if (!gathered) return std::unexpected(gathered.error());
  return 0;
}

/// The partitions in turn. One that cannot be read is the first of the next turn, and then, with
/// nothing gathered before it, it is said.
Fallible<void> Registry::gather() {
  for (std::size_t tried = 0; tried < sources_.size() && pending_ < options_.batch; ++tried) {
    if (auto read = read_batch(sources_[turn_]); !read) return read;
    turn_ = (turn_ + 1) % sources_.size();
  }
  return {};
}

Fallible<void> Registry::read_batch(Source& source) {
  const TopicPartition from{Topic::events, source.partition};
  const ReadLimit limit{.records = options_.batch - pending_, .bytes = std::size_t{8} << 20};
  if (auto read = log_.read(from, source.next, limit, events_); !read) return read;
  if (events_.empty()) return {};
  const std::size_t records = transaction_.records.size();
  const std::size_t announced = announced_.size();
  for (const Record& record : events_) {
    auto taken = take(source, record);
    if (taken) continue;
    // What the partitions before it brought stands; after that this registry is done.
    transaction_.records.resize(records);
    announced_.resize(announced);
    stopped_ = taken.error();
    return taken;
  }
  transaction_.consumed.push_back({.source = from, .next = source.next});
  pending_ += events_.size();
  return {};
}

Fallible<void> Registry::take(Source& source, const Record& record) {
  const TopicPartition from{Topic::events, source.partition};
  const auto event = decoder_.decode(record.payload.value);
  if (!event) return refuse(from, record.offset, event.error().what);
  const Digest digest = digest_of(record.payload.value);
  source.next = record.offset.next();
  if (source.recent.has(event->sequence.value, digest)) return {};
  if (event->log_id != log_id_) return refuse(from, record.offset, "the event is of another log");
  if (event->sequence != source.last.next()) {
    return refuse(from, record.offset, "the sequence has a gap or a repeat");
  }
  source.last = event->sequence;
  source.recent.add(event->sequence.value, digest);
  const auto* what = std::get_if<ResourceEvent>(&event->what);
  const auto* booking = what == nullptr ? nullptr : std::get_if<BookingCreated>(&what->event.body);
  const auto linked = master_.linked_up_to(source.partition);
  if (booking == nullptr || (linked && event->sequence <= *linked)) return {};
  try {
    link(*event, *what, *booking, source.partition);
  } catch (const Bug& bug) {
    return refuse(from, record.offset, bug.what());
  }
  return {};
}

void Registry::link(const LoggedEvent& event, const ResourceEvent& what,
                    const BookingCreated& booking, Partition partition) {
  const auto said = master_.decide({.resource = what.resource,
                                    .actor = what.event.actor,
                                    .source = what.causation_source,
                                    .booking = booking,
                                    .partition = partition,
                                    .sequence = event.sequence},
                                   code_);
  for (const auto& body : said) {
    auto& record = transaction_.records.emplace_back();
    record.to = customers_topic;
    record.payload.key = code_;
    append_customer_event(
        record.payload.value,
        {.log_id = log_id_, .sequence = next_sequence_, .time = event.time, .body = body});
    master_.evolve(body);
    next_sequence_ = next_sequence_.next();
  }
  if (options_.linked) {
    announced_.push_back({.is_new = std::holds_alternative<CustomerRegistered>(said.front()),
                          .name = std::string(booking.customer.name),
                          .phone = std::string(booking.customer.phone.value_or(""))});
  }
}

Fallible<std::size_t> Registry::commit() {
  transaction_.places.assign(1, customers_topic);
  if (const auto committed = writer_->commit(transaction_); !committed) {
    return std::unexpected(committed.error());
  }
  for (const Linked& linked : announced_) options_.linked(linked.is_new, linked.name, linked.phone);
  announced_.clear();
  return std::exchange(pending_, 0);
}

Offset Registry::next_of(Partition partition) const {
  return sources_[static_cast<std::size_t>(partition.value)].next;
}

}  // namespace pesan
