// The settings that a log's topics are made with, which of them pesan stands on, and mending those
// that somebody changed. What would lose or reorder records is a fault; the rest is the operator's
// choice. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "adapters/kafka/client.hpp"

namespace pesan::kafka {

/// What a setting must keep to.
enum class Bound : std::uint8_t {
  equal,     // the value, or records are lost or decided by another time
  at_least,  // the number or more; -1 is without end
  free,      // whatever the operator wants; it is set when the topic is made
};

struct TopicSetting {
  const char* name;
  std::string value;
  Bound bound;
};

/// In a cluster that keeps so many replicas.
std::vector<TopicSetting> settings_of(Topic topic, int replicas);

struct SettingFault {
  Topic topic;
  TopicSetting should;
  std::string is;
};

/// As a sentence, without its cure.
std::string describe(const SettingFault& fault, const Place& place);

/// The settings of these topics, all of which must be there, that are not as they must be.
Fallible<std::vector<SettingFault>> find_setting_faults(Client& client, const Place& place,
                                                        const std::vector<Topic>& topics);

/// Sets them as they should be, and leaves all others of the topics as they are.
Fallible<void> mend_settings(Client& client, const Place& place,
                             const std::vector<SettingFault>& faults);

}  // namespace pesan::kafka
