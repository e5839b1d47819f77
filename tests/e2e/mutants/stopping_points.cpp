// pesan_canary stops as by SIGSTOP where a transaction of its has come to the point that
// PESAN_STOP_AT names. What becomes of it then - a kill, a late awakening - is the affair of who
// looks on. The program that ships has nothing of this (see mutants.cpp). Any thread.
#include "tests/e2e/mutants/stopping_points.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "events/assert.hpp"

namespace pesan::mutants {

#define PESAN_PARSE                                                                        \
  "_ZN5pesan5kafka11parse_placeESt17basic_string_viewIcSt11char_traitsIcEERKSt6vectorINSt" \
  "7__cxx1112basic_stringIcS3_SaIcEEESaIS9_EE"
Fallible<kafka::Place> real_parse(std::string_view,
                                  const std::vector<std::string>&) asm("__real_" PESAN_PARSE);
Fallible<kafka::Place> parse(std::string_view,
                             const std::vector<std::string>&) asm("__wrap_" PESAN_PARSE);
Fallible<kafka::Place> parse(std::string_view url, const std::vector<std::string>& properties) {
  auto place = real_parse(url, properties);
  const char* told = std::getenv(stop_at);
  if (!place || told == nullptr) return place;
  std::istringstream words(told);
  std::string name;
  int passing = 0;
  words >> name >> passing;
  const auto where = parse_enum<kafka::TransactionPoint>(name);
  PESAN_ASSERT(where && passing > 0, "PESAN_STOP_AT names a point and a number");
  place->on_point = [where = *where, passing](kafka::TransactionPoint point) {
    static std::atomic<int> passed = 0;
    if (point == where && ++passed == passing) std::raise(SIGSTOP);  // all of its threads stop
  };
  return place;
}

}  // namespace pesan::mutants
