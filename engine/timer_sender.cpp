#include "engine/timer_sender.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "events/command_reader.hpp"

namespace pesan {
namespace {

constexpr std::int64_t between_looks_ms = 1'000;
constexpr std::int64_t after_a_refusal_ms = ms_per_minute;

}  // namespace

std::string source_of_timers(std::string_view log_id) {
  return fmt::format("/pesan/{}/timers", log_id);
}

/// A wall clock that was set back is no reason to wait for it.
bool TimerSender::is_time(Instant wall_clock) const {
  if (!looked_at_ || (found_more_ && undecided_ == 0)) return true;
  return wall_clock < *looked_at_ || wall_clock.ms >= looked_at_->ms + between_looks_ms;
}

void TimerSender::forget_refusals(Instant wall_clock) {
  boost::unordered::erase_if(sent_, [&](const auto& sent) {
    return sent.second != undecided &&
           (wall_clock.ms < sent.second || wall_clock.ms >= sent.second + after_a_refusal_ms);
  });
}

std::size_t TimerSender::look(const CommandProcessor& processor, Instant wall_clock,
                              Transaction& round) {
  const Position& position = processor.position();
  if (position.clock == Clock::command || !is_time(wall_clock)) return 0;
  forget_refusals(wall_clock);
  looked_at_ = wall_clock;
  found_more_ = false;
  due_ = 0;
  sent_now_.clear();
  // A command that is appended now is decided at the later of the two.
  const Instant now = std::max(wall_clock, position.now);
  for_each_due(processor.state(), now, [&](std::uint32_t booking, const BookingTimer& timer) {
    ++due_;
    if (!sends_) return due_ < most;
    const Version version = processor.state().bookings()[booking].version;
    if (sent_.contains({booking, version.value})) return true;
    found_more_ = sent_now_.size() == most;
    if (found_more_) return false;
    send(processor, booking, timer.timer, wall_clock, round);
    return true;
  });
  return sent_now_.size();
}

void TimerSender::send(const CommandProcessor& processor, std::uint32_t number, Timer timer,
                       Instant wall_clock, Transaction& round) {
  const Position& position = processor.position();
  const Booking& booking = processor.state().bookings()[number];
  const Resource& resource = processor.state().resource_of(booking);
  const std::string booking_id = fmt::format("{}.{}", resource.id, booking.suffix());
  const std::string id =
      fmt::format("{}:{}@{}:{}", name_of(timer), booking_id, booking.version.value, wall_clock.ms);
  auto& record = round.records.emplace_back();
  record.to = {Topic::commands, position.partition};
  record.payload.key = resource.id;
  append_command(
      record.payload.value,
      {.id = id,
       .source = source_of_timers(position.log_id),
       .time = {},
       .command = {.resource = ResourceId{std::string_view(resource.id)},
                   .actor = {.type = ActorType::system, .id = "timers"},
                   .reason = {},
                   .expected_version = {},
                   .body = RunTimer{.booking_id = BookingId{std::string_view(booking_id)},
                                    .timer = timer}}});
  sent_now_.emplace_back(number, booking.version.value);
  sent_.emplace(sent_now_.back(), undecided);
  ++undecided_;
}

void TimerSender::commit(std::span<const Answered> answered, Instant wall_clock) {
  sent_now_.clear();
  for (const Answered& one : answered) {
    if (!one.timer) continue;
    const auto sent = sent_.find({one.timer->booking, one.timer->version.value});
    if (sent == sent_.end() || sent->second != undecided) continue;
    --undecided_;
    const bool not_due = one.kind == Answered::Kind::rejected && one.code == Code::not_due;
    if (not_due) {
      sent->second = wall_clock.ms;
    } else {
      sent_.erase(sent);
    }
  }
}

void TimerSender::rollback() {
  if (!sent_now_.empty()) looked_at_.reset();
  for (const Sent& sent : sent_now_) sent_.erase(sent);
  undecided_ -= sent_now_.size();
  sent_now_.clear();
}

}  // namespace pesan
