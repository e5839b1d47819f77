// A partition's whole state as bytes: what recovery would make of the log up to a position, so that
// only the tail after it has to be replayed. Counts are not written: they are the sum of what is
// held and are counted anew. The bytes end with a digest of themselves; anything damaged, foreign
// or of another format is refused, and the log is replayed instead. It is never trusted over the
// log.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "engine/command_processor.hpp"

namespace pesan {

class StateImage {
 public:
  /// Only of what is committed: between batches.
  static std::string write(const CommandProcessor& processor);

  /// A processor that stands where the image was written.
  static Fallible<std::unique_ptr<CommandProcessor>> read(std::string_view image,
                                                          std::size_t remember,
                                                          std::set<Offset> parked = {});

 private:
  class Writer;
  class Reader;

  static void write_resources(Writer& out, const State& state);
  static void write_bookings(Writer& out, const State& state);
  static void write_ledger(Writer& out, const Ledger& ledger);
  static bool read_resources(Reader& in, State& state);
  static bool read_bookings(Reader& in, State& state);
  static bool read_ledger(Reader& in, Ledger& ledger);
};

}  // namespace pesan
