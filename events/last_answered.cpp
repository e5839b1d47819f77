#include "events/last_answered.hpp"

#include "events/result_codec.hpp"

namespace pesan {

Fallible<std::optional<Offset>> last_answered(LogReader& log, Partition partition) {
  const auto last = last_record(log, {Topic::results, partition});
  if (!last) return std::unexpected(last.error());
  if (!*last) return std::nullopt;
  const auto result = ResultDecoder().decode((*last)->payload.value);
  if (!result) return fail(FailureKind::fatal, result.error().what);
  return result->command;
}

}  // namespace pesan
