// Whether rows and a log are of one timeline, as those of a backup must be. One thread.
#pragma once

#include "events/failure.hpp"

namespace pesan::runtime {

class Installation;

/// The rows are the fold of a prefix of the log, or this says why not.
Fallible<void> check_same_timeline(const Installation& installation);

}  // namespace pesan::runtime
