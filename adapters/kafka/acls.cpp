#include "adapters/kafka/acls.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace pesan::kafka {
namespace {

enum class Pattern : std::uint8_t { literal, prefixed };

/// The commands of one role.
class Role {
 public:
  Role(const Place& place, std::string_view name, std::string_view what)
      : place_(place), name_(name), text_(fmt::format("# {}: {}\n", name, what)) {
    // Whoever opens the log looks for all its topics, and at the event that opened it.
    for (const Topic topic : all_topics) allow("Describe", "topic", place_.topic(topic));
    read({Topic::events});
  }

  Role& read(const std::vector<Topic>& topics) {
    for (const Topic topic : topics) allow("Read", "topic", place_.topic(topic));
    return *this;
  }
  Role& write(const std::vector<Topic>& topics) {
    for (const Topic topic : topics) allow("Write", "topic", place_.topic(topic));
    return *this;
  }
  Role& create_topics() {
    for (const Topic topic : all_topics) allow("Create", "topic", place_.topic(topic));
    return *this;
  }
  Role& join(std::string_view group, Pattern pattern = Pattern::literal) {
    allow("Read", "group", fmt::format("{}-{}", place_.prefix, group), pattern);
    return *this;
  }
  /// Transactions under the names of a role, one a partition.
  Role& commit_as(std::string_view role) {
    allow("Write", "transactional-id", fmt::format("{}-{}-", place_.prefix, role),
          Pattern::prefixed);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  static constexpr std::array all_topics{Topic::commands, Topic::events, Topic::results,
                                         Topic::customers, Topic::dead_letters};

  void allow(std::string_view operation, std::string_view kind, const std::string& name,
             Pattern pattern = Pattern::literal) {
    text_ += fmt::format(
        "kafka-acls.sh --bootstrap-server {} --add --allow-principal User:{}-{} "
        "--operation {} --{} {}{}\n",
        place_.brokers, place_.prefix, name_, operation, kind, name,
        pattern == Pattern::prefixed ? " --resource-pattern-type prefixed" : "");
  }

  const Place& place_;
  std::string_view name_;
  std::string text_;
};

}  // namespace

std::string acl_commands(const Place& place) {
  using enum Topic;
  std::string text =
      "# Run as an administrator of the brokers, which add --command-config FILE where they ask "
      "who\n# it is. Put your own names in place of User:…\n";
  text += Role(place, "engine", "decides; forwards what came to the wrong partition")
              .read({commands, results})
              .write({commands, Topic::events, results, dead_letters})
              .join("engine")
              .commit_as("engine")
              .text();
  text += Role(place, "registry", "folds bookings into the customer master")
              .read({customers})
              .write({customers})
              .join("registry")
              .commit_as("registry")
              .text();
  text += Role(place, "projector", "writes the read models; also for show and verify")
              .read({customers})
              .join("projector", Pattern::prefixed)
              .text();
  text += Role(place, "client", "sends commands and reads their results, in groups of its own")
              .read({results})
              .write({commands})
              .join("client", Pattern::prefixed)
              .text();
  text += Role(place, "operator", "topics create and end-backfill, apply, verify, rebuild, redrive")
              .create_topics()
              .read({commands, results, customers, dead_letters})
              .write({commands, Topic::events})
              .join("topics")
              .join("engine")
              .commit_as("topics")
              .commit_as("engine")
              .text();
  return text;
}

}  // namespace pesan::kafka
