#include "projections/projector.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "projections/fold.hpp"
#include "projections/projector_round.hpp"

namespace pesan {

Fallible<ProjectorStep> Projector::fold(std::optional<Offset> until) {
  applied_ = {};
  // A round that failed is offered once more: where it lasted all the same, it conflicts.
  if (!folded_.empty()) return ProjectorStep{ProjectorStep::Kind::progress, folded_.size()};
  if (stops_) {
    loaded_ = false;
    return std::unexpected(*std::exchange(stops_, std::nullopt));
  }
  return read_and_fold(until);
}

void Projector::commit() {
  stored_ = fold_.position();
  applied_ = std::exchange(folded_, {});
}

void Projector::leave() {
  folded_ = {};
  stops_.reset();
  loaded_ = false;
}

Fallible<ProjectorStep> Projector::step(std::optional<Offset> until) {
  ProjectorRound round(model_);
  auto done = round.fold(*this, until);
  if (const auto applied = round.commit(); !applied) return std::unexpected(applied.error());
  if (done && done->kind == ProjectorStep::Kind::progress && applied_.empty()) {
    return ProjectorStep{ProjectorStep::Kind::conflict, 0};
  }
  return done;
}

Fallible<ProjectorStep> Projector::read_and_fold(std::optional<Offset> until) {
  // Whatever goes wrong on the way, what is stored is the truth.
  if (!std::exchange(loaded_, false)) {
    const auto loaded = load();
    records_.clear();
    next_record_ = 0;
    if (!loaded) return std::unexpected(loaded.error());
    if (stored_ && stored_->frozen()) return ProjectorStep{ProjectorStep::Kind::frozen, 0};
  }
  const Offset from = fold_.next_read();
  if (until && from >= *until) {
    loaded_ = true;
    return ProjectorStep{};
  }
  if (next_record_ == records_.size()) {
    next_record_ = 0;
    if (auto read = log_.read(source_, from, limit_, records_); !read) {
      records_.clear();
      return std::unexpected(read.error());
    }
  }

  changes_.clear();
  const std::size_t first = next_record_;
  std::size_t folded = 0;
  const FoldEnd end{.offset = until, .sequence = std::nullopt, .time = std::nullopt};
  for (; next_record_ < records_.size() && changes_.bytes() <= change_bytes_; ++next_record_) {
    const auto more = fold_.fold(records_[next_record_], end, changes_);
    if (!more) {
      if (folded == 0) return std::unexpected(more.error());
      // What stands before it is applied first.
      auto before = read_and_fold(records_[next_record_].offset);
      if (!folded_.empty()) stops_ = more.error();
      return before;
    }
    if (!*more) break;
    ++folded;
  }
  loaded_ = true;
  if (fold_.position() == stored_) return ProjectorStep{};  // nothing, or repeats only
  folded_ = std::span(records_).subspan(first, folded);
  return ProjectorStep{ProjectorStep::Kind::progress, folded};
}

Fallible<void> Projector::load() {
  auto stored = model_.checkpoint(source_);
  if (!stored) return std::unexpected(stored.error());
  if (*stored && (*stored)->frozen()) {
    // The rebuild that froze it may have been killed: then this ends what it left.
    if (auto settled = model_.settle_rebuild(); !settled) return settled;
    stored = model_.checkpoint(source_);
    if (!stored) return std::unexpected(stored.error());
  }
  stored_ = std::move(*stored);
  if (!stored_) {
    fold_.start(std::nullopt);
    return {};
  }
  if (stored_->frozen()) return {};
  if (stored_->fold != fold_version) {
    return fail(FailureKind::fatal,
                fmt::format("the read model of {} was made by fold {}, and this program folds by "
                            "{}: {}",
                            name_of(source_.topic), stored_->fold, fold_version,
                            stored_->fold < fold_version
                                ? "run `pesan rebuild`, which makes it anew beside the old one"
                                : "a newer program has rebuilt it; upgrade this one"));
  }
  fold_.start(stored_);
  return check_timeline();
}

Fallible<void> Projector::check_timeline() {
  const Offset last{stored_->next_offset.value - 1};
  auto range = log_.range(source_);
  if (!range) return std::unexpected(range.error());
  Offset next{std::max(range->begin.value, last.value + 1 - std::int64_t{RepeatWindow::length})};
  ReadLimit limit;
  limit.bytes = limit_.bytes;
  bool found = false;
  while (next <= last) {
    limit.records = static_cast<std::size_t>(last.value - next.value + 1);
    if (auto read = log_.read(source_, next, limit, records_); !read) return read;
    if (records_.empty()) break;
    for (const Record& record : records_) {
      if (record.offset > last) break;
      if (auto good = fold_.recall(record); !good) return good;
      found = record.offset == last && digest_of(record.payload.value) == stored_->last_digest;
    }
    next = records_.back().offset.next();
  }
  if (found) return {};
  return fail(FailureKind::fatal,
              fmt::format("the read model is of another timeline: the record at {}, partition {}, "
                          "offset {} is not the one that it applied there. The log was restored "
                          "behind its read models: run `pesan rebuild {}`. Or it is another one: "
                          "look at --log and --store",
                          name_of(source_.topic), source_.partition.value, last.value,
                          name_of(source_.topic)));
}

}  // namespace pesan
