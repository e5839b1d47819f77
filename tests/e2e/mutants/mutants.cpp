// pesan_canary: the program with one promise broken, chosen by PESAN_MUTANT, to prove that the
// chaos runs would say so. None of it is in the program that ships: the linker sends calls of the
// functions in mutants.wrap to this file, which passes them on unless the mutant is active (see
// tests/simulation/mutants.hpp). Any thread.
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "adapters/kafka/client.hpp"
#include "adapters/mysql/connection.hpp"
#include "engine/engine.hpp"
#include "events/assert.hpp"
#include "events/result_codec.hpp"

#define PESAN_REAL(name) asm("__real_" name)
#define PESAN_WRAP(name) asm("__wrap_" name)

namespace pesan::mutants {
namespace {

bool active(std::string_view name) {
  static const char* chosen = std::getenv("PESAN_MUTANT");
  return chosen != nullptr && name == chosen;
}

std::string property_of(rd_kafka_t* client, const char* name) {
  std::array<char, 512> value{};
  std::size_t size = value.size();
  rd_kafka_conf_get(rd_kafka_conf(client), name, value.data(), &size);
  return value.data();
}

/// A second transactional producer beside the first, for offsets alone.
rd_kafka_t* beside(rd_kafka_t* client) {
  static std::mutex turn;
  static std::map<std::string, rd_kafka_t*> all;
  const std::string name = property_of(client, "transactional.id") + "-offsets";
  const std::lock_guard lock(turn);
  rd_kafka_t*& found = all[name];
  if (found != nullptr) return found;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", property_of(client, "bootstrap.servers").c_str(),
                    nullptr, 0);
  rd_kafka_conf_set(conf, "transactional.id", name.c_str(), nullptr, 0);
  rd_kafka_t* made = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
  rd_kafka_error_t* error = rd_kafka_init_transactions(made, 10'000);
  if (error != nullptr) {
    rd_kafka_error_destroy(error);
    rd_kafka_destroy(made);
    return nullptr;
  }
  return found = made;
}

/// The same group, and no member of it. In bytes a membership is `CGMDv2:`, the generation in four,
/// and the group's name, with a zero behind it.
kafka::GroupMetadataHandle nobody_of(const rd_kafka_consumer_group_metadata_t* member) {
  constexpr std::size_t before_the_name = 7 + 4;
  void* bytes = nullptr;
  std::size_t size = 0;
  const kafka::ErrorHandle error(rd_kafka_consumer_group_metadata_write(member, &bytes, &size));
  PESAN_ASSERT(error == nullptr && size > before_the_name, "a membership can be written");
  const std::string group = static_cast<const char*>(bytes) + before_the_name;
  rd_kafka_mem_free(nullptr, bytes);
  return kafka::GroupMetadataHandle(rd_kafka_consumer_group_metadata_new(group.c_str()));
}

}  // namespace

using SendOffsets = rd_kafka_error_t*(rd_kafka_t*, const rd_kafka_topic_partition_list_t*,
                                      const rd_kafka_consumer_group_metadata_t*, int);
extern "C" SendOffsets __real_rd_kafka_send_offsets_to_transaction;
extern "C" SendOffsets __wrap_rd_kafka_send_offsets_to_transaction;

/// Without a generation the coordinator refuses nobody. Outside of the transaction the offset is
/// committed before the records are, and not with them. (Offset 0 is the question of whether the
/// name is still ours, which is always aborted.)
extern "C" rd_kafka_error_t* __wrap_rd_kafka_send_offsets_to_transaction(
    rd_kafka_t* client, const rd_kafka_topic_partition_list_t* offsets,
    const rd_kafka_consumer_group_metadata_t* group, int timeout_ms) {
  if (active("offsets_without_generation")) {
    return __real_rd_kafka_send_offsets_to_transaction(client, offsets, nobody_of(group).get(),
                                                       timeout_ms);
  }
  rd_kafka_t* other = nullptr;
  if (active("offsets_outside_transaction") && offsets->elems[0].offset > 0) other = beside(client);
  if (other == nullptr) {
    return __real_rd_kafka_send_offsets_to_transaction(client, offsets, group, timeout_ms);
  }
  rd_kafka_error_t* error = rd_kafka_begin_transaction(other);
  if (error != nullptr) return error;
  error = __real_rd_kafka_send_offsets_to_transaction(other, offsets, group, timeout_ms);
  if (error != nullptr) return error;
  error = rd_kafka_commit_transaction(other, timeout_ms);
  // What lies between is as long as the brokers are slow; here they are.
  std::this_thread::sleep_for(std::chrono::milliseconds{15});
  return error;
}

#define PESAN_MAKE "_ZN5pesan5kafka6Client4makeERKNS0_5PlaceERKNS1_7OptionsE"
Fallible<std::unique_ptr<kafka::Client>> real_make(const kafka::Place&,
                                                   const kafka::Client::Options&)
    PESAN_REAL(PESAN_MAKE);
Fallible<std::unique_ptr<kafka::Client>> make(const kafka::Place&, const kafka::Client::Options&)
    PESAN_WRAP(PESAN_MAKE);
/// Who takes over gets an offset that an open transaction may change; or it asks for the end of
/// what is committed where it asks for the end of what is written.
Fallible<std::unique_ptr<kafka::Client>> make(const kafka::Place& place,
                                              const kafka::Client::Options& options) {
  using enum kafka::Client::Kind;
  kafka::Client::Options changed = options;
  if (active("offset_taken_unstable") && options.kind == group) changed.uncommitted = true;
  if (active("recovers_to_last_stable") && options.kind == reader) changed.uncommitted = false;
  return real_make(place, changed);
}

#define PESAN_ROLLBACK "_ZN5pesan6Engine8rollbackEv"
bool real_rollback(Engine*) PESAN_REAL(PESAN_ROLLBACK);
bool rollback(Engine*) PESAN_WRAP(PESAN_ROLLBACK);
#define PESAN_STATE_ROLLBACK "_ZN5pesan5State8rollbackEv"
void real_rollback(State*) PESAN_REAL(PESAN_STATE_ROLLBACK);
void rollback(State*) PESAN_WRAP(PESAN_STATE_ROLLBACK);
/// One partition of a process goes back to where it was, and keeps all that it decided in a round
/// that was aborted.
thread_local bool keeps_state = false;
bool rollback(Engine* engine) {
  static const Partition that = engine->processor().position().partition;
  keeps_state =
      active("round_kept_after_abort") && engine->processor().position().partition == that;
  return real_rollback(engine);
}
void rollback(State* state) { keeps_state ? state->commit() : real_rollback(state); }

#define PESAN_DECODE "_ZN5pesan13ResultDecoder6decodeESt17basic_string_viewIcSt11char_traitsIcEE"
std::expected<Result, DecodeError> real_decode(ResultDecoder*, std::string_view)
    PESAN_REAL(PESAN_DECODE);
std::expected<Result, DecodeError> decode(ResultDecoder*, std::string_view)
    PESAN_WRAP(PESAN_DECODE);
/// Recovery remembers the results that have a digest.
std::expected<Result, DecodeError> decode(ResultDecoder* decoder, std::string_view record) {
  auto result = real_decode(decoder, record);
  if (active("outcomes_not_restored") && result) result->digest.reset();
  return result;
}

#define PESAN_UPDATE                                                                     \
  "_ZN5pesan5mysql10Connection6updateESt17basic_string_viewIcSt11char_traitsIcEERKNSt7_" \
  "_cxx1112basic_stringIcS4_SaIcEEE"
Fallible<std::int64_t> real_update(mysql::Connection*, std::string_view, const std::string&)
    PESAN_REAL(PESAN_UPDATE);
Fallible<std::int64_t> update(mysql::Connection*, std::string_view, const std::string&)
    PESAN_WRAP(PESAN_UPDATE);
/// A checkpoint is set, whatever it was.
Fallible<std::int64_t> update(mysql::Connection* connection, std::string_view doing,
                              const std::string& sql) {
  const std::size_t compared = sql.find(" AND next_offset = ");
  if (!active("compare_and_set_removed") || compared == std::string::npos) {
    return real_update(connection, doing, sql);
  }
  return real_update(connection, doing, sql.substr(0, compared));
}

#define PESAN_EXECUTE                                                                  \
  "_ZN5pesan5mysql10Connection21execute_unless_lockedESt17basic_string_viewIcSt11char" \
  "_traitsIcEERKNSt7__cxx1112basic_stringIcS4_SaIcEEE"
Fallible<bool> real_execute(mysql::Connection*, std::string_view, const std::string&)
    PESAN_REAL(PESAN_EXECUTE);
Fallible<bool> execute(mysql::Connection*, std::string_view, const std::string&)
    PESAN_WRAP(PESAN_EXECUTE);
/// First all old tables go, then all new ones come.
Fallible<bool> execute(mysql::Connection* connection, std::string_view doing,
                       const std::string& sql) {
  constexpr std::string_view command = "RENAME TABLE ";
  if (!active("swap_in_two_steps") || !sql.starts_with(command)) {
    return real_execute(connection, doing, sql);
  }
  std::array<std::string, 2> steps;
  std::size_t part = 0;
  for (std::size_t begin = command.size(); begin < sql.size(); ++part) {
    const std::size_t end = std::min(sql.find(", ", begin), sql.size());
    std::string& step = steps.at(part % 2);
    step += (step.empty() ? std::string(command) : ", ") + sql.substr(begin, end - begin);
    begin = end + 2;
  }
  auto done = real_execute(connection, doing, steps[0]);
  if (!done || !*done) return done;
  return real_execute(connection, doing, steps[1]);
}

}  // namespace pesan::mutants
