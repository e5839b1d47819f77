// What rows cost who writes them: the projectors of a log, one partition after the other in one
// thread, into a store that has its tables already, with whatever indexes somebody left there.
// Says how many records that was, and what it took of this process: CPU, and
// bytes that it wrote.
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>

#include "adapters/runtime/installation.hpp"
#include "bench/must.hpp"
#include "projections/projector.hpp"

namespace {

using namespace pesan;
using bench::must;

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double written_mb() {
  std::ifstream counters("/proc/self/io");
  std::string name;
  double bytes = 0;
  while (counters >> name >> bytes && name != "wchar:") {
  }
  return bytes / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fmt::print(stderr, "usage: row_cost_bench LOG STORE [RECORDS OF A PARTITION]\n");
    return 2;
  }
  const std::size_t most = argc == 4 ? std::stoul(argv[3]) : std::size_t{1} << 40;
  const auto installation = must(runtime::Installation::at({.log = argv[1], .store = argv[2]}));
  const auto log = must(installation.open_log(runtime::LogAccess::read));
  const auto store = must(installation.open_store(runtime::StoreAccess::write));
  const double cpu_before = cpu_s();
  const double written_before = written_mb();
  std::size_t records = 0;
  for (const Topic topic : {Topic::events, Topic::customers}) {
    for (std::int32_t i = 0; i < partitions_of(*log, topic); ++i) {
      Projector projector(*log, *store, {topic, Partition{i}}, {.records = 8000});
      for (std::size_t done = 0; done < most;) {
        const ProjectorStep step = must(projector.step());
        if (step.kind != ProjectorStep::Kind::progress) break;
        done += step.records;
        records += step.records;
      }
    }
  }
  fmt::print("{{\"records\": {}, \"cpu_s\": {:.3f}, \"written_mb\": {:.1f}}}\n", records,
             cpu_s() - cpu_before, written_mb() - written_before);
}
