// The SnapshotStore port in memory, for unit and simulation tests. What it holds can be reached and
// spoilt. One thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/snapshot_store.hpp"

namespace pesan {

class MemorySnapshots final : public SnapshotStore {
 public:
  Fallible<std::vector<SnapshotName>> list(Partition partition) override {
    std::vector<SnapshotName> names;
    for (auto it = images.rbegin(); it != images.rend(); ++it) {
      if (it->first.first == partition) names.push_back(it->second.name);
    }
    return names;
  }
  Fallible<std::string> fetch(const SnapshotName& name) override {
    const auto found = images.find({name.partition, name.serial});
    if (found == images.end()) return fail(FailureKind::fatal, "there is no such snapshot");
    return found->second.image;
  }
  Fallible<void> put(const SnapshotName& name, std::string_view image) override {
    images[{name.partition, name.serial}] = {name, std::string(image)};
    return {};
  }
  Fallible<void> prune(Partition partition, std::size_t keep) override {
    const auto names = list(partition);
    for (std::size_t i = keep; i < names->size(); ++i) {
      images.erase({partition, (*names)[i].serial});
    }
    return {};
  }

  struct Kept {
    SnapshotName name;
    std::string image;
  };
  std::map<std::pair<Partition, std::int64_t>, Kept> images;  // by partition and serial
};

}  // namespace pesan
