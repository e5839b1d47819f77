// Names the cases of a contract by the technology of their harness, whatever its place in the list:
// ReadModelContract/Mysql.… Any thread.
#pragma once

#include <string>

namespace pesan {

struct TechnologyOfHarness {
  template <class Harness>
  static std::string GetName(int) {
    return Harness::technology;
  }
};

}  // namespace pesan
