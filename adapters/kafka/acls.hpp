// The rights that each role needs on the brokers, and no more, as commands of Kafka's own tool. The
// principals are named as the log's prefix and the role say. Pure; any thread.
#pragma once

#include <string>

#include "adapters/kafka/place.hpp"

namespace pesan::kafka {

/// Lines for a shell, which run as they stand where kafka-acls.sh is in the path.
std::string acl_commands(const Place& place);

}  // namespace pesan::kafka
