// `pesan apply --dry-run`: what a file of commands would come to, before anything of it stands in
// the log for ever.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view mark = "\xEF\xBB\xBF";

std::string room(const std::string& resource) {
  return Line{.id = "room-" + resource,
              .type = "DefineRoom",
              .resource = resource,
              .data = R"("name":"Villa","units":1,"inventory":"counter")"}
             .text() +
         "\n";
}
std::string booking(const std::string& id, const std::string& resource,
                    const std::string& status = "confirmed") {
  return Line{.id = id,
              .type = "CreateBooking",
              .resource = resource,
              .data = fmt::format(R"("status":"{}","customer":{{"name":"J"}})", status)}
             .text() +
         "\n";
}
/// What a result says, without the moment at which it was made.
std::vector<std::string> without_time(const std::vector<std::string>& results) {
  std::vector<std::string> all;
  for (const auto& result : results) {
    auto parsed = json::parse(result).as_object();
    parsed.erase("time");
    all.push_back(json::serialize(parsed));
  }
  return all;
}

class DryRun : public ::testing::Test {
 protected:
  Outcome dry(const std::string& commands) const {
    return run(files_.on_log({"apply", "--dry-run"}), commands);
  }
  Outcome apply(const std::string& commands) const { return run(files_.on({"apply"}), commands); }
  /// Every file in the folder, byte for byte.
  std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(files_.log).parent_path())) {
      all[entry.path().string()] = entry.is_regular_file() ? read_file(entry.path()) : "";
    }
    return all;
  }
  Files files_;
  const std::string commands_ = booking("b2", "villa") + "not a command\n" +
                                booking("b3", "hut", "pending") + booking("b3", "hut", "pending") +
                                booking("b4", "nowhere") + room("barn") + booking("b5", "barn") +
                                booking("b6", "barn");
};

TEST_F(DryRun, SaysWhatApplySaysThenAndWritesNothing) {
  apply(room("villa") + room("hut") + booking("b1", "villa"));
  const auto before = bytes();
  const Outcome dry_run = dry(commands_);
  EXPECT_EQ(dry_run.exit_code, 1) << dry_run;
  EXPECT_THAT(dry_run.err, HasSubstr("dry run: nothing was written. 8 commands"));
  EXPECT_EQ(bytes(), before);
  const Outcome real = apply(commands_);
  EXPECT_THAT(words_of(real.lines()),
              ElementsAre("capacity_exceeded", "malformed", "accepted", "duplicate accepted",
                          "resource_not_found", "accepted", "accepted", "capacity_exceeded"));
  EXPECT_EQ(without_time(dry_run.lines()), without_time(real.lines()));
}

TEST_F(DryRun, NeedsNoRightToWriteAnything) {
  apply(room("villa"));
  const fs::path folder = fs::path(files_.log).parent_path();
  // Its own copy: the build's folder may be nobody else's business.
  std::string program = files_.folder / "pesan";
  fs::copy_file(PESAN_PROGRAM, program);
  const auto before = bytes();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    fs::permissions(entry.path(), fs::perms(0555));
  }
  fs::permissions(folder, fs::perms(0555));
  // Modes do not bind root: then an account that owns nothing asks.
  Arguments words = files_.on_log({"apply", "--dry-run"});
  if (::geteuid() == 0) {
    words.insert(words.begin(), {"--reuid=65534", "--regid=65534", "--clear-groups", program});
    program = "setpriv";
  }
  const Outcome outcome = run(words, booking("b1", "villa"), {}, program);
  fs::permissions(folder, fs::perms(0755));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(DryRun, WorksBesideALiveServerAndSeesWhatThatDecided) {
  apply(room("villa"));
  Program server(files_.on({"serve"}));
  ASSERT_TRUE(server.wait_for_err("ready")) << server.err();
  apply(booking("b1", "villa"));
  const auto events = number_of(files_.log, "SELECT COUNT(*) FROM events");
  const Outcome outcome = dry(booking("b1", "villa") + booking("b2", "villa"));
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("duplicate accepted", "capacity_exceeded"));
  EXPECT_EQ(number_of(files_.log, "SELECT COUNT(*) FROM events"), events);
  EXPECT_EQ(number_of(files_.log, "SELECT COUNT(*) FROM commands"), 2);
}

TEST_F(DryRun, OfALogThatIsNotThereYetMakesNone) {
  const Outcome outcome = dry(room("villa") + booking("b1", "villa"));
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted", "accepted"));
  EXPECT_TRUE(bytes().empty());
}

TEST_F(DryRun, ShowsRefusalsThatApplyWouldRememberForEver) {
  const std::string bad = R"({"specversion":"1.0","id":"r","source":"/t","type":"DefineRoom",)"
                          R"("data":{"resource":"villa","actor":{"type":"admin","id":"a"},)"
                          R"("name":"V","units":"1","inventory":"counter"}})";
  std::string mended = bad;
  mended.replace(mended.find(R"("1")", mended.find("units")), 3, "1");
  EXPECT_THAT(words_of(dry(bad).lines()), ElementsAre("invalid_field"));
  EXPECT_THAT(words_of(apply(mended).lines()), ElementsAre("accepted"));
}

TEST_F(DryRun, FollowsTheClockOfTheLogAndRefusesAnother) {
  Arguments words = files_.on_log({"apply", "--dry-run", "--clock", "command"});
  EXPECT_EQ(run(words, room("villa")).exit_code, 0);
  apply(room("villa"));
  const Outcome outcome = run(words, room("villa"));
  EXPECT_EQ(outcome.exit_code, 2) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("follows the clock `append`, not `command`"));
}

TEST_F(DryRun, AByteOrderMarkAtTheBeginningOfTheFileIsPassedOver) {
  const std::string marked = std::string(mark) + room("villa") + std::string(mark) + room("hut");
  EXPECT_THAT(words_of(dry(marked).lines()), ElementsAre("accepted", "malformed"));
  const Outcome outcome = apply(marked);
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted", "malformed"));
  const auto second = json::parse(outcome.lines().at(1)).at("data");
  EXPECT_EQ(second.at("details").at("kind").as_string(), "byte_order_mark");
}

// A pipe may bring the mark in pieces.
TEST_F(DryRun, AByteOrderMarkThatComesBytewiseIsPassedOverToo) {
  Program program(files_.on({"apply"}));
  for (const char byte : std::string(mark)) program.send(std::string_view(&byte, 1));
  program.send(room("villa"));
  EXPECT_THAT(words_of(program.wait().lines()), ElementsAre("accepted"));
}

}  // namespace
}  // namespace pesan::e2e
