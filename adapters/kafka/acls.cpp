#include "adapters/kafka/acls.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "events/ascii.hpp"

namespace pesan::kafka {
namespace {

enum class Pattern : std::uint8_t { literal, prefixed };

const std::vector<Topic> all_topics{Topic::commands, Topic::events, Topic::results,
                                    Topic::customers, Topic::dead_letters};

/// One word for `sh`, whatever is in it: the output is made to be piped there. (A prefix has
/// letters alone that need no quotes.)
std::string for_shell(std::string_view text) {
  constexpr std::string_view harmless = ".,:_-";
  const bool plain = std::ranges::all_of(
      text, [&](char c) { return is_letter(c) || is_digit(c) || harmless.contains(c); });
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// The commands of one role.
class Role {
 public:
  Role(const Place& place, std::string_view name, std::string_view what)
      : place_(place), name_(name), text_(fmt::format("# {}: {}\n", name, what)) {}

  /// Reading and writing imply it.
  Role& see_all_topics() {
    return allow("Describe", all_topics).allow("DescribeConfigs", all_topics);
  }
  Role& create_topics() { return allow("Create", all_topics).allow("AlterConfigs", all_topics); }
  Role& read(const std::vector<Topic>& topics) { return allow("Read", topics); }
  Role& write(const std::vector<Topic>& topics) { return allow("Write", topics); }
  Role& join(std::string_view group, Pattern pattern = Pattern::literal) {
    return allow("Read", fmt::format("--group {}-{}", place_.prefix, group), pattern);
  }
  /// Transactions under the names of a role, one a worker.
  Role& commit_as(std::string_view role) {
    return allow("Write", fmt::format("--transactional-id {}-{}-", place_.prefix, role),
                 Pattern::prefixed);
  }
  const std::string& text() const { return text_; }

 private:
  Role& allow(std::string_view operation, const std::vector<Topic>& topics) {
    std::string names;
    for (const Topic topic : topics) {
      names += fmt::format("{}--topic {}", names.empty() ? "" : " ", place_.topic(topic));
    }
    return allow(operation, names, Pattern::literal);
  }
  Role& allow(std::string_view operation, const std::string& resource, Pattern pattern) {
    text_ += fmt::format(
        "kafka-acls.sh --bootstrap-server {} --add --allow-principal User:{}-{} "
        "--operation {} {}{}\n",
        for_shell(place_.brokers), place_.prefix, name_, operation, resource,
        pattern == Pattern::prefixed ? " --resource-pattern-type prefixed" : "");
    return *this;
  }

  const Place& place_;
  std::string_view name_;
  std::string text_;
};

}  // namespace

std::string acl_commands(const Place& place) {
  using enum Topic;
  // Opening the log looks for all its topics, and reads the event that opened it.
  std::string text =
      "# Run as an administrator of the brokers, with --command-config FILE where they ask who it\n"
      "# is. Put your own names in place of User:...\n";
  text += Role(place, "engine", "decides; forwards what came to the wrong partition")
              .see_all_topics()
              .read({commands, Topic::events, results})
              .write({commands, Topic::events, results, dead_letters})
              .join("engine")
              .commit_as("engine")
              .text();
  text += Role(place, "registry", "folds bookings into the customer master")
              .see_all_topics()
              .read({Topic::events, customers})
              .write({customers})
              .join("registry")
              .commit_as("registry")
              .text();
  text += Role(place, "projector", "writes the read models; show and verify need no more")
              .see_all_topics()
              .read({Topic::events, customers})
              .join("projector", Pattern::prefixed)
              .text();
  text += Role(place, "client", "sends commands and reads their results")
              .read({results})
              .write({commands})
              .join("client", Pattern::prefixed)
              .text();
  text += Role(place, "operator", "topics, apply, show, verify, rebuild, dead-letters")
              .see_all_topics()
              .create_topics()
              .read(all_topics)
              .write({commands, Topic::events})
              .join("topics")
              .join("engine")
              .commit_as("topics")
              .commit_as("engine")
              .text();
  return text;
}

}  // namespace pesan::kafka
