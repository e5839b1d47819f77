// `pesan show events`: the events of all partitions straight from the log, by time; for machines
// the records themselves, for people what stands in their envelopes. One thread.
#pragma once

#include "adapters/cli/show_options.hpp"

namespace pesan::cli {

Fallible<void> show_events(LogReader& log, const ShowOptions& options, const FoldEnds& ends);

}  // namespace pesan::cli
