#include "adapters/kafka/membership.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pesan::kafka {
namespace {

using Clock = std::chrono::steady_clock;

/// What the group says ends the wait, and so does `wake`.
constexpr milliseconds poll_wait{1'000};
/// A step in hand may end before the group goes on; a recovery takes longer and is fenced instead.
constexpr milliseconds step_patience{2'000};
constexpr milliseconds commit_interval{1'000};

/// The membership in bytes that this process's librdkafka reads again. Takes it over.
ClaimProof proof_of(rd_kafka_consumer_group_metadata_t* membership) {
  const GroupMetadataHandle owned(membership);
  void* bytes = nullptr;
  std::size_t size = 0;
  if (membership == nullptr) return {};
  if (const ErrorHandle error(rd_kafka_consumer_group_metadata_write(membership, &bytes, &size));
      error != nullptr) {
    return {};
  }
  ClaimProof proof(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  return proof;
}

}  // namespace

Membership::Membership(const Place& place, Options options)
    : place_(place), options_(std::move(options)) {}

Fallible<std::unique_ptr<Membership>> Membership::join(const Place& place, Options options) {
  auto member = std::unique_ptr<Membership>(new Membership(place, std::move(options)));
  auto client =
      Client::make(member->place_, {.kind = Client::Kind::member,
                                    .id = member->options_.group,
                                    .instance = member->options_.instance,
                                    .on_rebalance =
                                        [raw = member.get()](auto code, auto* list) {
                                          raw->guarded([&] { raw->on_rebalance(code, list); });
                                        },
                                    .statistics = true});
  if (!client) return std::unexpected(std::move(client.error()));
  member->client_ = std::move(*client);
  rd_kafka_poll_set_consumer(member->client_->get());
  const OffsetsHandle topics(rd_kafka_topic_partition_list_new(topic_count));
  for (const Topic topic : member->options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), member->place_.topic(topic).c_str(),
                                      RD_KAFKA_PARTITION_UA);
  }
  if (const auto code = rd_kafka_subscribe(member->client_->get(), topics.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto what = fmt::format("{} on {}", member->options_.group, member->place_.url());
    return std::unexpected(describe({.doing = "join the group", .what = what, .answer = {}},
                                    {.code = code, .step = Step::ask}));
  }
  member->thread_ = std::thread([raw = member.get()] { raw->guarded([&] { raw->run(); }); });
  return member;
}

Membership::~Membership() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

template <class Call>
void Membership::guarded(Call call) noexcept {
  try {
    call();
  } catch (const std::exception& bug) {  // or no memory
    const char* const why = bug.what();
    try {
      note_the_end(RD_KAFKA_RESP_ERR__FAIL, why);
    } catch (const std::exception&) {
      // Not even for the sentence. The group goes on without a member that does not poll.
      spdlog::error("{}", why);
    }
  }
}

void Membership::run() {
  auto commit_due = Clock::now() + commit_interval;
  while (!goes()) {
    const MessageHandle message(
        rd_kafka_consumer_poll(client_->get(), static_cast<int>(poll_wait.count())));
    if (message != nullptr && message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
        message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      spdlog::warn("{}: {} ({})", options_.group, rd_kafka_message_errstr(message.get()),
                   rd_kafka_err2name(message->err));
      const bool ends = message->err != RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED &&
                        classify({.code = message->err, .step = Step::ask}) == FailureKind::fatal;
      if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
        return note_the_end(message->err, client_->fatal_error());
      }
      if (ends) return note_the_end(message->err, rd_kafka_message_errstr(message.get()));
    }
    if (Clock::now() < commit_due) continue;
    commit_reached();
    commit_due = Clock::now() + commit_interval;
  }
  commit_reached();
  rd_kafka_consumer_close(client_->get());
}

void Membership::note_the_end(rd_kafka_resp_err_t code, std::string_view why) {
  // What ends a member of that kind for good is another one under its name.
  const bool replaced = code == RD_KAFKA_RESP_ERR__FATAL && !options_.instance.empty();
  const std::lock_guard lock(mutex_);
  over_ = Failure{FailureKind::fatal,
                  fmt::format("{} on {}: {}.{}", options_.group, place_.url(), why,
                              replaced ? " Give every process an --instance of its own." : "")};
}

bool Membership::goes() {
  const std::lock_guard lock(mutex_);
  left_ = settled_ && !assigned_.empty() && std::ranges::includes(given_up_, assigned_);
  if (left_) {
    spdlog::warn("{}: nothing that was assigned can be worked on here; leaving it to others",
                 options_.group);
  }
  return ending_ || left_ || over_;
}

// --- what the group says
// --------------------------------------------------------------------------

void Membership::on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list) {
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return assign(list);
  const bool lost = rd_kafka_assignment_lost(client_->get()) != 0;
  if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    spdlog::warn("{}: {}", options_.group, rd_kafka_err2str(code));
  }
  revoke(lost);
}

void Membership::assign(rd_kafka_topic_partition_list_t* list) {
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = RD_KAFKA_OFFSET_END;
  rd_kafka_assign(client_->get(), list);
  rd_kafka_pause_partitions(client_->get(), list);
  auto places = places_of(*list);
  auto proof = proof_of(rd_kafka_consumer_group_metadata(client_->get()));
  if (proof.empty() ||
      proof == proof_of(rd_kafka_consumer_group_metadata_new(options_.group.c_str()))) {
    // It was thrown out again meanwhile, and will be dealt to anew. What is committed without a
    // generation would be refused by nobody.
    return;
  }
  spdlog::info("{}: {} partition{} assigned to this process", options_.group, places.size(),
               places.size() == 1 ? "" : "s");
  const std::lock_guard lock(mutex_);
  assigned_ = std::move(places);
  proof_ = std::move(proof);
  settled_ = true;
}

void Membership::revoke(bool lost) {
  {
    std::unique_lock lock(mutex_);
    settled_ = false;
    // A member that lost its partitions has no time left: others have them already.
    if (!lost) {
      step_done_.wait_for(lock, step_patience, [this] { return in_step_.empty(); });
    }
  }
  if (lost) {
    spdlog::warn("{}: the group went on without this process", options_.group);
  } else {
    commit_reached();
  }
  {
    const std::lock_guard lock(mutex_);
    assigned_.clear();
    reached_.clear();
  }
  rd_kafka_assign(client_->get(), nullptr);
}

std::set<TopicPartition> Membership::places_of(const rd_kafka_topic_partition_list_t& list) const {
  std::set<TopicPartition> places;
  for (int i = 0; i < list.cnt; ++i) {
    for (const Topic topic : options_.topics) {
      if (place_.topic(topic) != list.elems[i].topic) continue;
      places.insert({topic, Partition{list.elems[i].partition}});
    }
  }
  return places;
}

// --- what the role asks
// ---------------------------------------------------------------------------

Fallible<Claim> Membership::enter(TopicPartition place) {
  const std::lock_guard lock(mutex_);
  if (over_) return std::unexpected(*over_);
  if (left_) return Claim::others;
  if (!settled_) return Claim::settling;
  if (!assigned_.contains(place)) return Claim::others;
  in_step_.insert(place);
  return Claim{Claim::mine, proof_};
}

void Membership::exit(TopicPartition place) {
  const std::lock_guard lock(mutex_);
  in_step_.erase(in_step_.find(place));
  if (in_step_.empty()) step_done_.notify_all();
}

void Membership::reached(TopicPartition place, Offset next) {
  if (!options_.commits_reached) return;
  const std::lock_guard lock(mutex_);
  reached_.insert_or_assign(place, next);
}

void Membership::give_up(TopicPartition place) {
  {
    const std::lock_guard lock(mutex_);
    given_up_.insert(place);
  }
  wake();
}

void Membership::wake() {
  if (client_ == nullptr) return;
  const QueueHandle queue(rd_kafka_queue_get_consumer(client_->get()));
  rd_kafka_queue_yield(queue.get());
}

void Membership::commit_reached() {
  std::map<TopicPartition, Offset> reached;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [place, next] : reached_) {
      if (assigned_.contains(place)) reached.emplace(place, next);
    }
    reached_.clear();
  }
  if (reached.empty()) return;
  const OffsetsHandle offsets(rd_kafka_topic_partition_list_new(static_cast<int>(reached.size())));
  for (const auto& [place, next] : reached) {
    rd_kafka_topic_partition_list_add(offsets.get(), place_.topic(place.topic).c_str(),
                                      place.partition.value)
        ->offset = next.value;
  }
  // Nobody reads them back, so a refusal costs nothing but a tool's figure.
  rd_kafka_commit(client_->get(), offsets.get(), 1);
}

}  // namespace pesan::kafka
