#include "adapters/runtime/apply_session.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "events/partitioner.hpp"

namespace pesan::runtime {
namespace {

/// How long an append may go on failing in passing.
constexpr std::chrono::seconds append_patience{30};

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

ApplySession::ApplySession(Log& log, std::unique_ptr<RowFollower> rows,
                           std::unique_ptr<ResultTail> tail, std::unique_ptr<LinkFollower> links,
                           Print print)
    : log_(log),
      rows_(std::move(rows)),
      tail_(std::move(tail)),
      links_(std::move(links)),
      print_(std::move(print)),
      streams_(static_cast<std::size_t>(log.partitions())) {}

Fallible<std::unique_ptr<ApplySession>> ApplySession::start(Log& log, std::string log_id,
                                                            ReadModel& store, Print print) {
  auto tail = ResultTail::from_now(log);
  if (!tail) return std::unexpected(tail.error());
  auto rows = std::make_unique<RowFollower>(store, std::move(log_id), log.partitions());
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    const auto whose = rows->checkpoint({Topic::events, Partition{p}});
    if (!whose) return std::unexpected(whose.error());
  }
  auto links = LinkFollower::from_now(log, *rows);
  if (!links) return std::unexpected(links.error());
  return std::unique_ptr<ApplySession>(new ApplySession(log, std::move(rows), *std::move(tail),
                                                        *std::move(links), std::move(print)));
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
  if (!records.empty()) rows_->be_patient();
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
  const auto read = tail_->read(
      partition, wait, [this](Partition where, const Result& result, const std::string& text) {
        take(where, result, text);
      });
  if (read && *read == 0) stream(partition).drained = stream(partition).no_engine;
  return read;
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
  if (result.event && result.type == "CreateBooking") links_->created(partition, result.sequence);
}

Fallible<bool> ApplySession::projected(const Answer& answer) {
  const bool waiting = !stream(answer.partition).no_projector;
  const auto reached = rows_->reached(answer.partition, answer.sequence);
  if (!reached || *reached) return reached;
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

}  // namespace pesan::runtime
