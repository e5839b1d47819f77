// What the end-to-end tests on a real Kafka share: topics of a case's own, roles as processes, and
// the outcomes that the same commands have on the embedded log. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {

/// Lines of mixed commands, the same for the same seed on one day.
std::string commands_of(std::uint64_t seed, int count);
/// Type and data: everything but what names this log and this moment.
std::vector<std::string> outcomes_of(const std::vector<std::string>& results);

class OnKafka : public ::testing::Test {
 protected:
  struct Where {
    std::string store{};  // empty: a file of the case's own
    int partitions = 4;
    std::string clock = "append";
  };
  OnKafka() : OnKafka(Where{}) {}
  /// Makes the log.
  explicit OnKafka(Where where);

  Arguments on_log(Arguments words) const;
  Arguments on(const Arguments& words) const;
  std::unique_ptr<Program> start(const Arguments& role) const;
  /// `instance`: a static member, whose partitions wait for it when it is killed.
  std::unique_ptr<Program> start_engine(const std::string& instance) const;
  /// The same lines on the embedded log.
  std::vector<std::string> embedded_outcomes(const std::string& commands) const;
  /// These words, then where an embedded log and its read models are.
  Arguments embedded_on(const Arguments& words) const { return embedded_.on(words); }
  void expect_verified() const;

  const TempFolder& folder() const { return files_.folder; }

 private:
  Files files_;
  Files embedded_;
  Where where_;
  std::string log_;
};

}  // namespace pesan::e2e
