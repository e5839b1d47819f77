// A partition's whole state as bytes: what recovery would make of the log up to its marks, so that
// only the tail after them has to be replayed. Counts are not written: they are the sum of what is
// held and are counted anew. The bytes end with a digest of themselves; anything damaged or of
// another format is refused. Whether it is of this log is its reader's question: snapshots.hpp.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "engine/replay.hpp"

namespace pesan {

class StateImage {
 public:
  /// Only of what is committed: between batches.
  static std::string write(const CommandProcessor& processor, const ReplayMarks& marks = {});

  /// A processor that stands where the image was written. `poison` where it is not usable, which is
  /// also where it forgot outcomes that `remember` asks for.
  static Fallible<Replay> read(std::string_view image, std::size_t remember,
                               std::set<Offset> parked = {});

 private:
  class Writer;
  class Reader;

  static void write_resources(Writer& out, const State& state);
  static void write_bookings(Writer& out, const State& state);
  static void write_ledger(Writer& out, const Ledger& ledger);
  static bool read_resources(Reader& in, State& state);
  static bool read_bookings(Reader& in, State& state);
  static bool read_ledger(Reader& in, Ledger& ledger, bool& enough);
  static void write_marks(Writer& out, const ReplayMarks& marks);
  static bool read_marks(Reader& in, ReplayMarks& marks);
};

}  // namespace pesan
