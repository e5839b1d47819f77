// Which partitions of a role are this process's to work on, when several processes run the role.
// They keep two processes from taking turns. That nobody's work is doubled is seen to by
// checkpoints, by epochs on files, and on Kafka by the proof that a writer shows the log
// (engine/log_writer.hpp). One object serves all threads of a role.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "events/failure.hpp"
#include "events/ids.hpp"
#include "events/log.hpp"

namespace pesan {

/// As whom a place is claimed: bytes that only the log reads. They are others each time that the
/// places were dealt out anew, and empty where the log settles by itself who may write.
using ClaimProof = std::string;

struct Claim {
  enum Standing : std::uint8_t {
    mine,      // until `done`: the next owner waits for that
    others,    // another process has it, or is given it
    settling,  // the group is choosing the owner: do nothing, and keep what is there
  };
  Standing standing = settling;
  ClaimProof proof{};  // of what is mine

  Claim() = default;
  Claim(Standing is) : standing(is) {}  // NOLINT(google-explicit-constructor)
  Claim(Standing is, ClaimProof by) : standing(is), proof(std::move(by)) {}
  friend bool operator==(const Claim& claim, Standing is) { return claim.standing == is; }
};

class Claims {
 public:
  Claims() = default;
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;
  virtual ~Claims() = default;

  /// Before each step. `mine` is answered by one `done`, and stands between steps too unless a
  /// later answer is another one.
  virtual Fallible<Claim> begin(TopicPartition place) = 0;
  virtual void done(TopicPartition place) = 0;
  /// Another process may have it.
  virtual void release(TopicPartition place) = 0;
  /// It cannot be worked on here; perhaps elsewhere.
  virtual void give_up(TopicPartition /*place*/) {}
  /// For tools that show how far a role is; nothing is read back from it.
  virtual void reached(TopicPartition /*place*/, Offset /*next*/) {}
};

/// Everything is this process's: nobody else can be there.
class AllClaims final : public Claims {
 public:
  Fallible<Claim> begin(TopicPartition /*place*/) override { return Claim::mine; }
  void done(TopicPartition /*place*/) override {}
  void release(TopicPartition /*place*/) override {}
};

}  // namespace pesan
