#include "adapters/kafka/cursor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/kafka/record_codec.hpp"

namespace pesan::kafka {
namespace {

/// Between two looks at the client's own messages.
constexpr milliseconds longest_nap{100};

}  // namespace

Cursor::Cursor(const Start& start)
    : client_(start.client),
      source_(start.source),
      where_(start.where),
      bell_(start.bell),
      next_(start.from),
      empty_at_(start.from),
      end_seen_(start.from) {}

Fallible<std::unique_ptr<Cursor>> Cursor::start(const Start& start) {
  auto cursor = std::unique_ptr<Cursor>(new Cursor(start));
  if (auto begun = cursor->begin(start.from); !begun) return std::unexpected(begun.error());
  return cursor;
}

Cursor::~Cursor() { end(); }

Fallible<void> Cursor::begin(Offset from) {
  // A queue of its own: records of other partitions never stand in its way.
  queue_.reset(rd_kafka_queue_new(client_.get()));
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* bell) { static_cast<Arrivals::Bell*>(bell)->ring(); },
      &bell_);
  const int refused = rd_kafka_consume_start_queue(
      client_.topic(source_.topic), source_.partition.value, from.value, queue_.get());
  if (refused != 0) {
    return std::unexpected(describe({.doing = "read", .what = where_, .answer = {}},
                                    {.code = rd_kafka_last_error(), .step = Step::ask}));
  }
  started_ = true;
  return {};
}

void Cursor::end() {
  if (started_) rd_kafka_consume_stop(client_.topic(source_.topic), source_.partition.value);
  started_ = false;
}

Fallible<void> Cursor::read(const ReadLimit& limit, Offset known_end, std::vector<Record>& into) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < limit.records && bytes <= limit.bytes) {
    if (next_ < unpackable_until_) {
      if (count == into.size()) into.emplace_back();
      into[count++] = Record{
          .offset = next_, .payload = {.value = {}, .cloud_event = false}, .unpackable = true};
      next_ = next_.next();
      continue;
    }
    auto message = next_message(known_end);
    if (!message) {
      into.clear();
      return std::unexpected(std::move(message.error()));
    }
    if (*message == nullptr && next_ < unpackable_until_) continue;
    if (*message == nullptr) break;
    if (count == into.size()) into.emplace_back();
    take(**message, into[count]);
    bytes += size_of(into[count].payload);
    ++count;
  }
  into.resize(count);
  if (count == 0) client_.serve();
  return {};
}

Fallible<MessageHandle> Cursor::next_message(Offset known_end) {
  std::optional<Time> give_up;  // no clock is asked while there are messages
  auto nap = milliseconds{0};
  for (;;) {
    MessageHandle message(rd_kafka_consume_queue(queue_.get(), static_cast<int>(nap.count())));
    if (message != nullptr) {
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return message;
      if (message->err == RD_KAFKA_RESP_ERR__BAD_COMPRESSION && source_.topic == Topic::commands) {
        auto passed = pass_unpackable({message->offset});
        if (!passed) return std::unexpected(std::move(passed.error()));
        return nullptr;
      }
      if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        return std::unexpected(describe_refusal(*message));
      }
      // An end of then: behind it there may be what came since.
      end_seen_ = std::max(end_seen_, Offset{message->offset});
      nap = {};
      continue;
    }
    fetch_on();
    const bool more_to_come = next_ < known_end && end_seen_ < known_end;
    if (!more_to_come) return nullptr;
    const auto now = std::chrono::steady_clock::now();
    if (!give_up) give_up = now + patience;
    if (now >= *give_up) {
      return fail(FailureKind::transient,
                  fmt::format("{} answers nothing from {} on, though records up to {} are "
                              "committed: look at the brokers",
                              where_, next_.value, known_end.value));
    }
    if (nap == longest_nap) client_.serve();
    nap = std::min(std::chrono::ceil<milliseconds>(*give_up - now), longest_nap);
  }
}

Fallible<void> Cursor::pass_unpackable(Offset batch) {
  std::int64_t first = 0;
  std::int64_t last = 0;
  const auto topic = rd_kafka_topic_name(client_.topic(source_.topic));
  const auto code =
      rd_kafka_query_watermark_offsets(client_.get(), topic, source_.partition.value, &first, &last,
                                       static_cast<int>(patience.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(describe({.doing = "ask for the end of", .what = where_, .answer = {}},
                                    {.code = code, .step = Step::ask}));
  }
  next_ = std::max(next_, batch);  // before the batch there may be a gap
  // Ever larger steps out of the batch, then back to where it ends.
  std::int64_t inside = next_.value;
  std::int64_t behind = last;
  for (std::int64_t step = 1; inside + step < last; step *= 2) {
    const auto within = is_within({inside + step}, batch);
    if (!within) return std::unexpected(within.error());
    if (!*within) {
      behind = inside + step;
      break;
    }
    inside += step;
  }
  while (behind - inside > 1) {
    const std::int64_t middle = inside + (behind - inside) / 2;
    const auto within = is_within({middle}, batch);
    if (!within) return std::unexpected(within.error());
    (*within ? inside : behind) = middle;
  }
  unpackable_until_ = {behind};
  empty_at_ = end_seen_ = unpackable_until_;
  bytes_taken_ = 0;
  end();
  return begin(unpackable_until_);
}

/// A fetch from an offset begins with the batch that holds it, and an error names where that
/// begins.
Fallible<bool> Cursor::is_within(Offset offset, Offset batch) {
  end();
  if (auto begun = begin(offset); !begun) return std::unexpected(begun.error());
  const MessageHandle message(
      rd_kafka_consume_queue(queue_.get(), static_cast<int>(patience.count())));
  if (message == nullptr) {
    return fail(
        FailureKind::transient,
        fmt::format("{} answers nothing from {} on: look at the brokers", where_, offset.value));
  }
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: return false;
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION: return Offset{message->offset} == batch;
    default: return std::unexpected(describe_refusal(*message));
  }
}

void Cursor::take(const rd_kafka_message_t& message, Record& into) {
  decode(message, into);
  bytes_taken_ += message.len + message.key_len;
  next_ = into.offset.next();
  end_seen_ = std::max(end_seen_, next_);
}

void Cursor::fetch_on() {
  // librdkafka before 2.2 looks again after a partition whose queue was full when something else
  // wakes it, and that can take a second. A seek wakes it; to where this stands it changes nothing
  // but the version of what is fetched, and what has another one librdkafka drops by itself.
  static const bool rests = rd_kafka_version() < 0x020200ff;
  // Marks of transactions fill a queue too. Those before a record show in its offset; for those at
  // the queue's end this is content with less.
  const bool was_full =
      next_.value - empty_at_.value >= static_cast<std::int64_t>(most_records_ahead * 9 / 10) ||
      bytes_taken_ >= most_bytes_ahead * 9 / 10;
  empty_at_ = next_;
  bytes_taken_ = 0;
  if (rests && was_full) {
    rd_kafka_seek(client_.topic(source_.topic), source_.partition.value, next_.value, 0);
  }
}

Failure Cursor::describe_refusal(const rd_kafka_message_t& message) const {
  return describe({.doing = "read", .what = where_, .answer = rd_kafka_message_errstr(&message)},
                  {.code = message.err, .step = Step::ask});
}

}  // namespace pesan::kafka
