#include "adapters/runtime/event_stream.hpp"

namespace pesan::runtime {

Fallible<void> EventCursor::start() {
  const auto range = log_.range(source_);
  if (!range) return std::unexpected(range.error());
  next_offset_ = range->begin;
  last_offset_ = range->end;
  return next();
}

Fallible<void> EventCursor::next() {
  if (++index_ >= records_.size()) {
    index_ = 0;
    records_.clear();
    if (next_offset_ < last_offset_) {
      if (auto read = log_.read(source_, next_offset_, {}, records_); !read) return read;
    }
    at_end_ = records_.empty();
    if (at_end_) return {};
    next_offset_ = records_.back().offset.next();
  }
  envelope_ = reader_.read(record().payload.value);
  const bool beyond =
      (end_.sequence && envelope_.sequence && *envelope_.sequence > end_.sequence->value) ||
      (end_.time && envelope_.instant && *envelope_.instant > *end_.time);
  at_end_ = beyond || record().offset >= last_offset_;
  return {};
}

Fallible<void> EventStream::start(LogReader& log, const FoldEnds& ends) {
  for (std::size_t p = 0; p < ends.size(); ++p) {
    const Partition partition{static_cast<std::int32_t>(p)};
    cursors_.push_back(std::make_unique<EventCursor>(log, partition, ends[p]));
    if (auto started = cursors_.back()->start(); !started) return started;
  }
  find_earliest();
  return {};
}

Fallible<void> EventStream::next() {
  if (auto moved = earliest_->next(); !moved) return moved;
  find_earliest();
  return {};
}

void EventStream::find_earliest() {
  earliest_ = nullptr;
  for (const auto& cursor : cursors_) {
    if (cursor->at_end()) continue;
    if (earliest_ == nullptr || cursor->time() < earliest_->time()) earliest_ = cursor.get();
  }
}

}  // namespace pesan::runtime
