// The rest of the command line: migrate, schema, help, versions, and how options may be given.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/schema.hpp"
#include "tests/e2e/small_business.hpp"

namespace pesan::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Migrate, MakesAStoreAndThenFindsNothingToDo) {
  const Files files;
  const std::string store = "sqlite:" + (files.folder / "new/folder/read.db");
  const Outcome made = run({"migrate", "--store", store});
  EXPECT_EQ(made.exit_code, 0) << made;
  EXPECT_EQ(made.out, store + ": made, schema version 4\n");
  const Outcome again = run({"migrate", "--store", store});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, HasSubstr("nothing to do"));
  EXPECT_EQ(run({"show", "rooms", "--store", store}).exit_code, 0);
}

TEST(Migrate, LeavesWhatIsNotItsOwn) {
  const SmallBusiness business;
  const Outcome foreign = run({"migrate", "--store", "sqlite:" + business.files.log});
  EXPECT_EQ(foreign.exit_code, 3);
  EXPECT_THAT(foreign.err, HasSubstr("not a pesan read model"));
  business.tamper("PRAGMA user_version = 9");
  const Outcome newer = business.pesan_on_store({"migrate"});
  EXPECT_EQ(newer.exit_code, 3);
  EXPECT_THAT(newer.err, HasSubstr("newer pesan"));
}

TEST(Schema, IsListedPrintedAndWritten) {
  const Outcome list = run({"schema"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.lines(), SizeIs(schema_names().size() + 2));
  EXPECT_THAT(list.out, HasSubstr("CreateBooking"));

  const Outcome one = run({"schema", "CreateBooking"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(one.out, schema_of(*find_schema("CreateBooking")));
  EXPECT_TRUE(boost::json::parse(one.out).is_object());

  const TempFolder folder;
  EXPECT_EQ(run({"schema", "--out", folder / "all"}).exit_code, 0);
  for (const SchemaName& name : schema_names()) {
    EXPECT_EQ(read_file(folder / "all/" + std::string(name.name) + ".json"), schema_of(name));
  }
}

TEST(Schema, ThatIsNotThereIsWrongUsage) {
  const Outcome outcome = run({"schema", "Dance"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no schema named Dance"));
  EXPECT_EQ(run({"schema", "CreateBooking", "--out", "x"}).exit_code, 2);
  const Outcome unwritable = run({"schema", "--out", "/proc/nowhere"});
  EXPECT_EQ(unwritable.exit_code, 3);
  EXPECT_THAT(unwritable.err, HasSubstr("/proc/nowhere"));
}

TEST(Help, IsThereForEverySubcommandWithExamplesOrExitCodes) {
  const std::vector<Arguments> commands{{"serve"},
                                        {"apply"},
                                        {"show"},
                                        {"verify"},
                                        {"rebuild"},
                                        {"migrate"},
                                        {"schema"},
                                        {"topics", "create"},
                                        {"topics", "end-backfill"},
                                        {"dead-letters", "list"},
                                        {"dead-letters", "print"},
                                        {"dead-letters", "redrive"}};
  for (Arguments words : commands) {
    words.emplace_back("--help");
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 0) << words[0];
    EXPECT_THAT(outcome.out, HasSubstr("Usage: ")) << words[0];
    EXPECT_EQ(outcome.err, "");
  }
  for (const std::string command : {"show", "verify", "rebuild", "migrate", "schema"}) {
    EXPECT_THAT(run({command, "--help"}).out, HasSubstr("Exit codes:")) << command;
  }
  EXPECT_THAT(run({"--help"}).out, HasSubstr("rebuild"));
}

TEST(Version, NamesTheCommitAndTheLibraries) {
  const Outcome outcome = run({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("pesan "));
  EXPECT_THAT(outcome.out, HasSubstr("SQLite "));
}

TEST(Usage, ThatIsWrongIsExitCodeTwo) {
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_EQ(run({"dance"}).exit_code, 2);
  EXPECT_EQ(run({"verify", "--dance"}).exit_code, 2);
  EXPECT_EQ(run({"verify", "--limit", "many"}).exit_code, 2);
  EXPECT_EQ(run({"topics"}).exit_code, 2);
  EXPECT_EQ(run({"dead-letters", "print"}).exit_code, 2);
}

TEST(Options, ComeFromTheEnvironmentAndAConfigFileToo) {
  const SmallBusiness business;
  const std::string store = "sqlite:" + business.files.store;
  const Outcome by_environment = run({"show", "rooms"}, {}, {{"PESAN_STORE", store}});
  EXPECT_EQ(by_environment.exit_code, 0) << by_environment;
  EXPECT_THAT(by_environment.out, HasSubstr("villa"));
  const std::string config = business.files.folder / "pesan.toml";
  write_file(config, "[show]\nstore = \"" + store + "\"\njson = true\n");
  const Outcome by_file = run({"--config", config, "show", "rooms"});
  EXPECT_EQ(by_file.exit_code, 0) << by_file;
  EXPECT_THAT(by_file.out, HasSubstr("{\"resource_id\":\"hotel\""));
  const Outcome flag_wins =
      run({"show", "rooms", "--store", store}, {}, {{"PESAN_STORE", "sqlite:/nowhere/read.db"}});
  EXPECT_EQ(flag_wins.exit_code, 0) << flag_wins;
}

// PESAN_LOG was taken before --log where a subcommand has sisters: it was read for those last.
TEST(Options, OfASubcommandOfASubcommandGoBeforeTheEnvironmentToo) {
  const TempFolder folder;
  const std::string log = "sqlite:" + folder / "log.db";
  const Environment other = {{"PESAN_LOG", "sqlite:/nowhere/log.db"}};
  for (const Arguments& command : {Arguments{"topics", "create"},
                                   {"topics", "end-backfill"},
                                   {"dead-letters", "list"},
                                   {"dead-letters", "redrive", "--all"}}) {
    Arguments words = command;
    words.insert(words.end(), {"--log", log});
    const Outcome outcome = run(words, {}, other);
    EXPECT_EQ(outcome.exit_code, 0) << command[0] << " " << command[1] << ": " << outcome;
  }
}

TEST(Output, ThatCannotBeWrittenIsNotSuccess) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const SmallBusiness business;
  const std::string words = std::string(PESAN_PROGRAM) +
                            " show bookings --json --store sqlite:" + business.files.store +
                            " > /dev/full 2> /dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(words.c_str())), 3);
}

TEST(AReadOnlyFolder, CanBeShownAndVerified) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const SmallBusiness business;
  std::filesystem::permissions(business.files.folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(business.pesan({"show", "rooms"}).exit_code, 0);
  EXPECT_EQ(business.pesan({"verify"}).exit_code, 0);
  EXPECT_EQ(business.pesan({"rebuild"}).exit_code, 3);
  std::filesystem::permissions(business.files.folder.path(), std::filesystem::perms(0755));
}

TEST(Misspelt, SubcommandsAndOptionsGetASuggestion) {
  const auto said = [](const Arguments& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome;
    return outcome.err;
  };
  EXPECT_THAT(said({"aply"}), HasSubstr("no subcommand `aply`; did you mean `apply`?"));
  EXPECT_THAT(said({"topics", "craete"}), HasSubstr("did you mean `create`?"));
  EXPECT_THAT(said({"apply", "--quite"}),
              HasSubstr("no option `--quite`; did you mean `--quiet`?"));
  EXPECT_THAT(said({"show", "rooms", "--jsn=1"}), HasSubstr("did you mean `--json`?"));
  EXPECT_THAT(said({"make-coffee"}), HasSubstr("there is no subcommand `make-coffee`\n"));
  const Files files;
  const std::string config = files.folder / "c.toml";
  write_file(config, "[aply]\n");
  EXPECT_THAT(said({"--config", config, "apply"}), HasSubstr("did you mean `apply`?"));
}

TEST(Misspelt, AFileWithoutALineIsNotAppliedInSilence) {
  const Files files;
  const std::string empty = files.folder / "empty.jsonl";
  write_file(empty, "\xEF\xBB\xBF");
  EXPECT_THAT(run(files.on({"apply", empty})).err, HasSubstr(empty + " holds no line"));
  EXPECT_THAT(run(files.on({"apply"})).err, HasSubstr("stdin holds no line"));
}

TEST(Partitions, OfALogThatIsThereAreNotWhatIsAskedForInSilence) {
  const SmallBusiness business;
  for (const Arguments& words :
       std::vector<Arguments>{{"apply"}, {"apply", "--dry-run"}, {"serve"}, {"engine"}}) {
    Arguments more = words;
    more.insert(more.end(), {"--partitions", "7"});
    const Outcome outcome = business.pesan(more);
    EXPECT_EQ(outcome.exit_code, 2) << outcome;
    EXPECT_THAT(outcome.err, HasSubstr("--partitions 7: this log has 1, and the number is fixed"));
  }
  EXPECT_EQ(business.pesan({"apply", "--partitions", "1"}).exit_code, 0);
}

TEST(Roles, OfferTheirOwnOptionsAlone) {
  const auto help = [](const char* role) { return run({role, "--help"}).out; };
  for (const char* of_engines :
       {"--remember", "--batch", "--park", "--snapshots", "--partitions"}) {
    EXPECT_THAT(help("engine"), HasSubstr(of_engines));
    EXPECT_THAT(help("serve"), HasSubstr(of_engines));
    for (const char* other : {"registry", "projector"}) {
      EXPECT_THAT(help(other), Not(HasSubstr(of_engines)));
      EXPECT_EQ(run({other, of_engines, "1"}).exit_code, 2);
    }
  }
  EXPECT_THAT(help("registry"), AllOf(HasSubstr("--clear-phone"), Not(HasSubstr("--store "))));
  EXPECT_THAT(help("projector"), AllOf(HasSubstr("--store "), Not(HasSubstr("--clear-phone"))));
}

}  // namespace
}  // namespace pesan::e2e
