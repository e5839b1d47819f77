// How bad the simulated world is: one probability a kind of fault, all drawn from the seed, so that
// some runs have every fault a little, some have one fault often, and some have none. Values.
#pragma once

#include "tests/support/random.hpp"

namespace pesan::simulation {

/// Probabilities, each per port call unless it says otherwise.
struct Faults {
  double crash = 0;        // the process is gone, before the call or after it
  double transient = 0;    // nothing happened, and the port says so
  double lost_answer = 0;  // of a commit: it happened, or not, or will, and the port cannot say
  double short_read = 0;   // fewer records than there are
  double lossy_read = 0;   // of events and customers: one record in the middle is missing
  double lag = 0;          // the chance that a read does not see the newest commits yet
  double interleave = 0;   // others act first
  double snapshot = 0;     // per step of an engine: its process makes a snapshot beside it
  double damage = 0;       // … in which a byte is turned
  // Per action of the world:
  double rival = 0;      // one more process takes roles that are taken
  double pause = 0;      // a process stands still for a while, and wakes up as a zombie
  double kill = 0;       // a process is killed between two steps
  double forget = 0;     // committed offsets are forgotten
  double retention = 0;  // commands that were answered are dropped from the log
  double wrong_clock =
      0;  // per process: its clock is so late that its engine must refuse to decide
};

inline Faults no_faults() { return {}; }

inline Faults faults_from(Random& random) {
  if (random.chance(0.05)) return {};
  const auto rate = [&](double most) {
    if (random.chance(0.35)) return 0.0;
    const double share = static_cast<double>(random.below(1000)) / 1000.0;
    return most * share * share;  // small ones are likelier: too many faults hide the rest
  };
  Faults faults;
  faults.crash = rate(0.06);
  faults.transient = rate(0.15);
  faults.lost_answer = rate(0.4);
  faults.short_read = rate(0.8);
  faults.lossy_read = rate(0.1);
  faults.lag = rate(0.95);
  faults.interleave = rate(0.4);
  faults.rival = rate(0.06);
  faults.pause = rate(0.05);
  faults.kill = rate(0.03);
  faults.forget = rate(0.05);
  faults.retention = rate(0.02);
  faults.wrong_clock = rate(0.3);
  faults.snapshot = rate(0.5);
  faults.damage = rate(0.5);
  return faults;
}

}  // namespace pesan::simulation
