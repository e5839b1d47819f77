#include "adapters/runtime/apply_session.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "events/partitioner.hpp"

namespace pesan::cli {
namespace {

/// How long an append may go on failing in passing.
constexpr std::chrono::seconds append_patience{30};
/// As the roles': a server that starts again is waited for.
constexpr std::chrono::seconds store_patience{10};

constexpr TopicPartition customers_topic{Topic::customers, Partition{0}};
constexpr std::size_t links_a_read = 2000;  // a few KB each at most

/// What a forwarded command keeps on its way to another partition.
std::string identity(const Result& result) {
  return fmt::format("{}\n{}\n{}", result.source.value_or(""), result.id.value_or(""),
                     result.digest ? to_hex(*result.digest) : "");
}

/// Source and id, which a command keeps wherever it is forwarded to.
std::string asked_as(std::optional<std::string_view> source, std::optional<std::string_view> id) {
  return source && id ? fmt::format("{}\n{}", *source, *id) : std::string();
}

/// `partition 0` or `partitions 0, 2`.
std::string named(const std::set<std::int32_t>& partitions) {
  return fmt::format("partition{} {}", partitions.size() == 1 ? "" : "s",
                     fmt::join(partitions, ", "));
}

}  // namespace

void ApplyTally::count(const Result& result, std::int64_t line) {
  if (result.kind == Result::Kind::accepted) {
    ++accepted;
  } else {
    ++rejected;
    ++by_code[std::string(name_of(*result.code))];
  }
  duplicates += result.duplicate ? 1 : 0;
  if (result.code != Code::malformed) return;
  ++malformed;
  if (first_malformed == 0 || line < first_malformed) first_malformed = line;
}

Fallible<std::unique_ptr<ApplySession>> ApplySession::start(Log& log, std::string log_id,
                                                            ReadModel& store, Print print) {
  auto session = std::unique_ptr<ApplySession>(
      new ApplySession(log, std::move(log_id), store, std::move(print)));
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    const auto range = log.range({Topic::results, Partition{p}});
    if (!range) return std::unexpected(range.error());
    session->streams_.push_back(Stream{.next_result = range->end,
                                       .sent = {},
                                       .projected = {-1},
                                       .last_created = {-1},
                                       .last_linked = {-1}});
    const auto rows = session->checkpoint_of({Topic::events, Partition{p}});
    if (!rows) return std::unexpected(rows.error());
  }
  const auto customers = log.range(customers_topic);
  if (!customers) return std::unexpected(customers.error());
  session->next_customer_event_ = customers->end;
  return session;
}

Partition ApplySession::place(const std::string& line, Payload& payload, std::string& as) {
  const Envelope& envelope = reader_.read(line);
  if (streams_.size() > 1) as = asked_as(envelope.source, envelope.id);
  if (const auto time = envelope.time ? parse_instant(*envelope.time) : std::nullopt) {
    oldest_time_ = std::min(oldest_time_.value_or(*time), *time);
  }
  if (!envelope.resource) return {};
  payload.key = std::string(*envelope.resource);
  return partition_of(*envelope.resource, log_.partitions());
}

/// Nothing was written where it failed in passing, as when many others write to a file by turns.
Fallible<std::vector<Offset>> ApplySession::append(const std::vector<OutgoingRecord>& records) {
  const auto deadline = std::chrono::steady_clock::now() + append_patience;
  for (;;) {
    auto offsets = log_.append(records);
    const bool again = !offsets && offsets.error().kind == FailureKind::transient &&
                       std::chrono::steady_clock::now() < deadline;
    if (!again) return offsets;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

Fallible<void> ApplySession::send(std::vector<std::string> lines) {
  std::vector<OutgoingRecord> records;
  records.reserve(lines.size());
  std::vector<std::string> asked(lines.size());
  for (auto& line : lines) {
    auto& as = asked[records.size()];
    auto& record = records.emplace_back();
    record.to = {Topic::commands, place(line, record.payload, as)};
    record.payload.value = std::move(line);
  }
  const auto offsets = append(records);
  if (!offsets) return std::unexpected(offsets.error());
  for (std::size_t i = 0; i < records.size(); ++i) {
    stream(records[i].to.partition).sent.push_back({(*offsets)[i], sent_++});
    auto& answer = answers_.emplace_back();
    answer.partition = records[i].to.partition;
    answer.asked_as = std::move(asked[i]);
    if (!answer.asked_as.empty()) ++asked_[answer.asked_as];
  }
  return {};
}

Fallible<std::size_t> ApplySession::receive(std::chrono::milliseconds wait) {
  std::size_t read = 0;
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    const bool last =
        p + 1 == log_.partitions() && read == 0 && !answers_.empty() && !answers_.front().there;
    const auto got = read_results(Partition{p}, last ? wait : std::chrono::milliseconds{0});
    if (!got) return std::unexpected(got.error());
    read += *got;
  }
  return print_ready();
}

Fallible<std::size_t> ApplySession::read_results(Partition partition,
                                                 std::chrono::milliseconds wait) {
  const ReadLimit limit{.records = 4000, .bytes = std::size_t{8} << 20, .wait = wait};
  const TopicPartition from{Topic::results, partition};
  const auto read = log_.read(from, stream(partition).next_result, limit, records_);
  if (!read) return std::unexpected(read.error());
  for (const Record& record : records_) {
    const auto result = results_.decode(record.payload.value);
    if (!result) return fail(FailureKind::fatal, result.error().what);
    take(partition, *result, record.payload.value);
    stream(partition).next_result = record.offset.next();
  }
  if (records_.empty()) stream(partition).drained = stream(partition).no_engine;
  return records_.size();
}

void ApplySession::take(Partition partition, const Result& result, const std::string& text) {
  auto& sent = stream(partition).sent;
  if (!sent.empty() && sent.front().offset == result.command) {
    const std::size_t line = sent.front().line;
    sent.pop_front();
    if (result.kind == Result::Kind::forwarded) return forwarded(line, result);
    return answer(line, partition, result, text);
  }
  if (asked_.empty()) return;
  const auto as = asked_as(result.source, result.id);
  if (!asked_.contains(as)) return;  // another client's
  const auto waiting = forwarded_.find(identity(result));
  if (waiting == forwarded_.end()) {
    early_[as].push_back({identity(result), partition, text});
    return;
  }
  const std::size_t line = waiting->second.front();
  waiting->second.pop_front();
  if (waiting->second.empty()) forwarded_.erase(waiting);
  answer(line, partition, result, text);
}

void ApplySession::forwarded(std::size_t line, const Result& result) {
  const auto known = early_.find(asked_as(result.source, result.id));
  if (known != early_.end()) {
    auto& results = known->second;
    const auto is_its = [&](const Early& early) { return early.identity == identity(result); };
    if (const auto its = std::ranges::find_if(results, is_its); its != results.end()) {
      const Early early = std::move(*its);
      results.erase(its);
      return answer(line, early.partition, results_.decode(early.text).value(), early.text);
    }
  }
  if (line >= printed_ && result.resource) {
    answers_[line - printed_].partition = partition_of(*result.resource, log_.partitions());
  }
  forwarded_[identity(result)].push_back(line);
}

void ApplySession::forget(const Answer& answer) {
  const auto asked = asked_.find(answer.asked_as);
  if (asked == asked_.end() || --asked->second > 0) return;
  early_.erase(answer.asked_as);
  asked_.erase(asked);
}

void ApplySession::answer(std::size_t line, Partition partition, const Result& result,
                          const std::string& text) {
  if (line < printed_) return;  // given up, and somebody decided it after all
  auto& answered = answers_[line - printed_];
  answered.there = true;
  answered.result = text;
  answered.partition = partition;
  answered.sequence = result.sequence;
  tally_.count(result, static_cast<std::int64_t>(line) + 1);
  if (result.event && result.type == "CreateBooking") {
    auto& last = stream(partition).last_created;
    last = std::max(last, result.sequence);
  }
}

Fallible<std::optional<Checkpoint>> ApplySession::checkpoint_of(TopicPartition source) {
  auto checkpoint = store_.checkpoint(source);
  if (!checkpoint && checkpoint.error().kind == FailureKind::transient && sent_ > 0) {
    const auto now = std::chrono::steady_clock::now();
    if (!store_fails_since_) spdlog::warn("{}", checkpoint.error().what);
    store_fails_since_ = store_fails_since_.value_or(now);
    if (now - *store_fails_since_ < store_patience) return std::nullopt;
    return checkpoint;
  }
  store_fails_since_.reset();
  if (!checkpoint || !*checkpoint || (*checkpoint)->log_id == log_id_) return checkpoint;
  // Its rows would be waited for in vain: another process may project there.
  return fail(
      FailureKind::fatal,
      fmt::format("the read model was folded from log {}, and this is log {}. Point both at "
                  "the same log (--log, --store), or make the rows anew: pesan rebuild --replace",
                  (*checkpoint)->log_id, log_id_));
}

Fallible<bool> ApplySession::projected(const Answer& answer) {
  auto& known = stream(answer.partition).projected;
  if (answer.sequence <= known) return true;
  const bool waiting = !stream(answer.partition).no_projector;
  const auto checkpoint = checkpoint_of({Topic::events, answer.partition});
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (*checkpoint) known = (*checkpoint)->sequence;
  if (answer.sequence <= known) return true;
  if (!waiting) ++without_rows_;
  return !waiting;
}

Fallible<std::size_t> ApplySession::print_ready() {
  std::size_t printed = 0;
  while (!answers_.empty() && (answers_.front().there || given_up(answers_.front()))) {
    if (answers_.front().there) {
      const auto ready = projected(answers_.front());
      if (!ready) return std::unexpected(ready.error());
      if (!*ready) break;
      print_(answers_.front().result);
    } else {
      ++unanswered_;
    }
    forget(answers_.front());
    answers_.pop_front();
    ++printed_;
    ++printed;
  }
  return printed;
}

std::string ApplySession::waits_for() const {
  std::size_t undecided = 0;
  std::set<std::int32_t> engines;
  std::set<std::int32_t> projectors;
  for (const Answer& answer : answers_) {
    undecided += answer.there ? 0 : 1;
    (answer.there ? projectors : engines).insert(answer.partition.value);
  }
  if (undecided > 0) {
    return fmt::format(
        "{} commands wait to be decided, of {}: `pesan engine` (or `serve`) must run "
        "on this log",
        undecided, named(engines));
  }
  return fmt::format(
      "{} results wait for their rows, of {}: `pesan projector` (or `serve`) must run "
      "on this log and these read models",
      answers_.size(), named(projectors));
}

bool ApplySession::all_linked() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const Stream& s) { return s.last_linked >= s.last_created; });
}

Fallible<void> ApplySession::take_links(Offset from, std::chrono::milliseconds wait) {
  const ReadLimit limit{.records = links_a_read, .bytes = std::size_t{64} << 20, .wait = wait};
  if (auto read = log_.read(customers_topic, from, limit, records_); !read) return read;
  for (const Record& record : records_) {
    const auto event = events_.decode_customer(record.payload.value);
    if (!event) return fail(FailureKind::fatal, event.error().what);
    if (const auto* linked = std::get_if<BookingLinked>(&event->body)) {
      auto& last = stream({static_cast<std::int32_t>(linked->partition)}).last_linked;
      last = std::max(last, Sequence{linked->sequence});
    }
    // Looking back may find what came since this run began: its rows are waited for too.
    next_customer_event_ = std::max(next_customer_event_, record.offset.next());
  }
  return {};
}

/// A booking that was asked for again may have been linked before this run: looks back until the
/// last link of each partition that matters is found.
Fallible<void> ApplySession::recall_links() {
  const auto range = log_.range(customers_topic);
  if (!range) return std::unexpected(range.error());
  const auto open = [](const Stream& s) {
    return s.last_created > s.last_linked && s.last_linked < Sequence{0};
  };
  for (Offset next = next_customer_event_; next > range->begin;) {
    if (std::none_of(streams_.begin(), streams_.end(), open)) break;
    const auto back = next.value - static_cast<std::int64_t>(links_a_read);
    next = std::max(range->begin, Offset{back});
    if (auto taken = take_links(next, std::chrono::milliseconds{0}); !taken) return taken;
  }
  links_recalled_ = true;
  return {};
}

Fallible<bool> ApplySession::customers_done(std::chrono::milliseconds wait) {
  if (!all_linked() && !links_recalled_) {
    if (auto recalled = recall_links(); !recalled) return std::unexpected(recalled.error());
  }
  if (!all_linked()) {
    if (auto taken = take_links(next_customer_event_, wait); !taken) {
      return std::unexpected(taken.error());
    }
    if (!all_linked()) return false;
  }
  const auto checkpoint = checkpoint_of(customers_topic);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  const Offset folded = *checkpoint ? (*checkpoint)->next_offset : Offset{};
  const auto left = holds_records(log_, customers_topic, folded, next_customer_event_);
  if (!left) return std::unexpected(left.error());
  return !*left;
}

}  // namespace pesan::cli
