#include "adapters/kafka/kafka_error.hpp"

#include <fmt/format.h>

namespace pesan::kafka {
namespace {

/// What a code means by itself, whatever was going on.
enum class Meaning : std::uint8_t {
  passing,       // brokers move, restart, are slow: it passes
  lost_answer,   // passing, but the request may have been carried out
  fenced,        // somebody took the name
  regrouped,     // the group has gone on without this member, or with another deal
  forgotten,     // the brokers no longer know the name: nobody wrote under it for days
  oversized,     // this record is too large
  unauthorised,  // who we are, or what we may do
  missing,       // a topic is not there
  out_of_range,  // the offset is not there
  damaged,       // a checksum does not fit
  unusable,      // brokers or settings that pesan cannot work with
  unexpected,    // anything else
};

Meaning meaning_of(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH: return Meaning::fenced;

    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS: return Meaning::regrouped;

    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID: return Meaning::forgotten;

    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE: return Meaning::oversized;

    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED: return Meaning::unauthorised;

    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return Meaning::missing;

    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: return Meaning::out_of_range;

    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG: return Meaning::damaged;

    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: return Meaning::unusable;

    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND: return Meaning::lost_answer;

    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED: return Meaning::passing;

    default: return Meaning::unexpected;
  }
}

/// Where nothing is promised by librdkafka's flags.
Remedy without_flags(Step step, Meaning meaning) noexcept {
  switch (step) {
    case Step::ask: return meaning == Meaning::unexpected ? Remedy::call_operator : Remedy::repeat;
    case Step::append: return meaning == Meaning::passing ? Remedy::repeat : Remedy::new_client;
    case Step::prepare:
    case Step::commit: return Remedy::new_client;
  }
  return Remedy::new_client;
}

}  // namespace

Remedy remedy_for(const Refusal& refusal) noexcept {
  const Meaning meaning = meaning_of(refusal.code);
  switch (meaning) {
    case Meaning::fenced: return Remedy::yield;
    case Meaning::regrouped:
      return refusal.step == Step::prepare && !refusal.fatal ? Remedy::retake : Remedy::yield;
    // After an abort librdkafka would go on under the number that is forgotten, and be refused for
    // ever. A number that is taken anew in place would fence nobody: the log must be read first.
    case Meaning::forgotten: return Remedy::new_client;
    case Meaning::unauthorised:
    case Meaning::missing:
    case Meaning::out_of_range:
    case Meaning::damaged:
    case Meaning::unusable: return Remedy::call_operator;
    case Meaning::oversized:
      if (refusal.step == Step::ask) return Remedy::call_operator;
      if (!refusal.lost) return Remedy::set_aside;
      break;
    case Meaning::passing:
    case Meaning::lost_answer:
    case Meaning::unexpected: break;
  }
  if (refusal.fatal) return Remedy::new_client;
  // Before the flags: librdkafka calls a commit that timed out retriable, and goes on waiting for
  // the same answer; but a late request of this transaction could land in the next one (KIP-890 is
  // in no librdkafka).
  const bool in_transaction = refusal.step == Step::prepare || refusal.step == Step::commit;
  if ((meaning == Meaning::lost_answer || refusal.lost) && in_transaction) {
    return Remedy::new_client;
  }
  if (refusal.requires_abort) return Remedy::abort;
  if (refusal.retriable) return Remedy::repeat;
  return without_flags(refusal.step, meaning);
}

FailureKind kind_of(Remedy remedy) noexcept {
  switch (remedy) {
    case Remedy::repeat:
    case Remedy::abort: return FailureKind::transient;
    case Remedy::new_client: return FailureKind::unknown;
    case Remedy::yield:
    case Remedy::retake: return FailureKind::conflict;
    case Remedy::set_aside: return FailureKind::poison;
    case Remedy::call_operator: return FailureKind::fatal;
  }
  return FailureKind::fatal;
}

std::string_view advice(const Refusal& refusal) noexcept {
  switch (meaning_of(refusal.code)) {
    case Meaning::fenced:
      return "A newer writer has this name (or the transaction took too long); this one may not "
             "write any more.";
    case Meaning::regrouped:
      return "The group has dealt its partitions out anew; whoever has them now goes on.";
    case Meaning::forgotten:
      return "The brokers have forgotten this writer, as it wrote nothing for so long "
             "(transactional.id.expiration.ms); a new one goes on from the log.";
    case Meaning::oversized:
      return "The record is larger than max.message.bytes of its topic allows: `pesan topics "
             "create` sets what pesan needs.";
    case Meaning::unauthorised:
      return "Check the user, the certificates and the ACLs (--kafka-property; `pesan topics "
             "create --acls` prints what each role needs).";
    case Meaning::missing:
      return "The topic or partition is not there: run `pesan topics create`, and look whether "
             "somebody deleted it.";
    case Meaning::out_of_range:
      return "These records are gone (retention), or the topic was made anew or restored behind "
             "this reader.";
    case Meaning::damaged:
      return "A record is damaged on the broker's disk or on the way: look at the disk, and let "
             "the broker take the partition from another replica.";
    case Meaning::unusable: return "Check --kafka-property, the brokers' version and settings.";
    case Meaning::passing:
    case Meaning::lost_answer:
    case Meaning::unexpected: break;
  }
  switch (remedy_for(refusal)) {
    case Remedy::repeat:
    case Remedy::abort:
      if (refusal.turned_away) {
        return "Nothing was written; it will be tried again. Something answers there and does not "
               "agree with this connection: check security.protocol, the certificates (who signed "
               "them, whom they name, until when) and the user (--kafka-property).";
      }
      return "Nothing was written; it will be tried again. If it lasts, look at the brokers.";
    case Remedy::new_client:
      return "Whether it was written is not known; it will be found out from the log.";
    case Remedy::yield:
    case Remedy::retake:
    case Remedy::set_aside:
    case Remedy::call_operator: break;
  }
  return "This should not happen: please report it with this message.";
}

bool turns_away(rd_kafka_resp_err_t code, std::string_view reason) noexcept {
  // A broker that wants TLS or a user, or a certificate of the client's, just hangs up: librdkafka
  // says in its text alone what that may mean.
  return code == RD_KAFKA_RESP_ERR__SSL || code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
         reason.contains("security.protocol") || reason.contains("SSL routines");
}

Refusal refusal_of(const rd_kafka_error_t* error, Step step) noexcept {
  return {.code = rd_kafka_error_code(error),
          .step = step,
          .retriable = rd_kafka_error_is_retriable(error) != 0,
          .requires_abort = rd_kafka_error_txn_requires_abort(error) != 0,
          .fatal = rd_kafka_error_is_fatal(error) != 0};
}

Failure describe(const Attempt& attempt, const Refusal& refusal) {
  return {classify(refusal),
          fmt::format("cannot {} {}: {} (Kafka {}). {}", attempt.doing, attempt.what,
                      attempt.answer.empty() ? rd_kafka_err2str(refusal.code) : attempt.answer,
                      rd_kafka_err2name(refusal.code), advice(refusal))};
}

}  // namespace pesan::kafka
