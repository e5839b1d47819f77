// Tokens: what stands in their file, who is let in with which, and what each of the roles may.
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/v1/doors.hpp"
#include "adapters/http/v1/tokens.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::http::v1 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string_view code_of(const auto& answered) {
  return answered ? std::string_view("none") : answered.error().code;
}

Client web() {
  return {.name = "web", .role = ClientRole::operates, .actor_id = "ani", .resources = {"villa"}};
}

Fallible<void> put(const std::string& file, std::vector<Token> tokens) {
  return change_tokens(file, [&](std::vector<Token>& all) -> Fallible<void> {
    all = tokens;
    return {};
  });
}

TEST(GatewayTokens, ASecretIsNoOtherAndItsDigestIsItsSha256) {
  EXPECT_THAT(new_secret(), StartsWith("pesan_"));
  EXPECT_THAT(new_secret(), SizeIs(70));
  EXPECT_NE(new_secret(), new_secret());
  EXPECT_EQ(digest_of_secret("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(GatewayTokens, TheFileReadsBackAsItWasWritten) {
  const TempFolder folder;
  const std::string file = folder / "deep/tokens.jsonl";
  Client any{.name = "erp", .role = ClientRole::service, .actor_id = "erp", .any_actor = true};
  const std::vector<Token> tokens{{web(), digest_of_secret("a")}, {any, digest_of_secret("b")}};
  must(put(file, tokens));
  EXPECT_EQ(must(read_tokens(file)), tokens);
  const auto rights = std::filesystem::status(file).permissions();
  EXPECT_EQ(rights, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(GatewayTokens, WhereThereIsNoFileThereAreNone) {
  const TempFolder folder;
  EXPECT_EQ(must(read_tokens(folder / "tokens.jsonl")), std::nullopt);
}

TEST(GatewayTokens, AFileWithALineThatIsNoTokenGivesNoRightsAtAll) {
  const std::string good = text_of({{web(), digest_of_secret("a")}});
  for (const auto* line : {"nonsense", "{}", R"({"name":"web","role":"admin"})"}) {
    const auto tokens = parse_tokens(good + line + "\n");
    ASSERT_FALSE(tokens) << line;
    EXPECT_THAT(tokens.error().what, HasSubstr("line 2 is no token"));
  }
}

TEST(GatewayTokens, AChangeThatIsRefusedLeavesTheFileAsItIs) {
  const TempFolder folder;
  const std::string file = folder / "tokens.jsonl";
  must(put(file, {{web(), digest_of_secret("a")}}));
  EXPECT_FALSE(change_tokens(file, [](std::vector<Token>& all) -> Fallible<void> {
    all.clear();
    return fail(FailureKind::usage, "no");
  }));
  EXPECT_THAT(*must(read_tokens(file)), SizeIs(1));
}

TEST(GatewayTokens, WhoDescribesOneThatCannotBeIsToldWhy) {
  EXPECT_EQ(fault_of(web()), std::nullopt);
  const auto with = [](auto change) {
    Client client = web();
    change(client);
    return fault_of(client).value_or("none");
  };
  EXPECT_THAT(with([](Client& c) { c.name = "a b"; }), HasSubstr("name has 1 to 50"));
  EXPECT_THAT(with([](Client& c) { c.name = ""; }), HasSubstr("name has 1 to 50"));
  EXPECT_THAT(with([](Client& c) { c.name = "local"; }), HasSubstr("need no token"));
  EXPECT_THAT(with([](Client& c) { c.actor_id = ""; }), HasSubstr("TYPE:ID"));
  EXPECT_THAT(with([](Client& c) { c.any_actor = true; }), HasSubstr("only a service"));
  EXPECT_THAT(with([](Client& c) { c.resources = {""}; }), HasSubstr("one character"));
}

TEST(GatewayClient, OfAllRolesAViewerAloneWritesNothing) {
  for (const auto role :
       {ClientRole::viewer, ClientRole::operates, ClientRole::service, ClientRole::admin}) {
    const Client client{.name = "c", .role = role};
    const bool writes = role != ClientRole::viewer;
    EXPECT_TRUE(check_access(client, Access::open));
    EXPECT_TRUE(check_access(client, Access::read));
    EXPECT_TRUE(check_access(client, Access::read_guests));
    EXPECT_EQ(code_of(check_access(client, Access::write)), writes ? "none" : "role_forbids");
    EXPECT_EQ(client.sees_guests(), writes);
  }
}

TEST(GatewayClient, ATokenOfSomeResourcesSeesNoCustomers) {
  const Client client = web();
  EXPECT_TRUE(client.covers("villa-deluxe"));
  EXPECT_FALSE(client.covers("barn"));
  EXPECT_EQ(code_of(check_access(client, Access::read_guests)), "resource_not_yours");
}

// --- the doors -----------------------------------------------------------------------------------

class GatewayDoors : public ::testing::Test {
 protected:
  static Request with(std::vector<Header> headers) {
    return {.method = "GET", .target = "/", .headers = std::move(headers), .body = {}, .peer = {}};
  }
  static Request bearer(std::string_view secret) {
    return with({{.name = "authorization", .value = "bearer " + std::string(secret)}});
  }

  TempFolder folder;
  const std::string file = folder / "tokens.jsonl";
};

TEST_F(GatewayDoors, WithoutAFileEverybodyIsTheLocalAdminWhereThatIsAllowed) {
  Doors open({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  EXPECT_EQ(*open.admit({}), local_admin());
  Doors closed({.tokens_file = file, .open_without_tokens = false, .hosts = {}});
  const auto refused = closed.admit({});
  ASSERT_EQ(code_of(refused), "unauthenticated");
  EXPECT_EQ(refused.error().headers.front().name, "WWW-Authenticate");
}

TEST_F(GatewayDoors, FromTheFirstTokenOnEverybodyNeedsOne) {
  Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  EXPECT_TRUE(doors.admit({}));
  must(put(file, {{web(), digest_of_secret("s3cret")}}));
  EXPECT_EQ(code_of(doors.admit({})), "unauthenticated");
  EXPECT_EQ(code_of(doors.admit(bearer("other"))), "unauthenticated");
  EXPECT_EQ(code_of(doors.admit(with({{.name = "Authorization", .value = "Basic s3cret"}}))),
            "unauthenticated");
  EXPECT_EQ(*doors.admit(bearer("s3cret")), web());
}

TEST_F(GatewayDoors, ATokenThatIsRevokedOpensNothingFromTheNextRequestOn) {
  Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  must(put(file, {{web(), digest_of_secret("s3cret")}}));
  EXPECT_TRUE(doors.admit(bearer("s3cret")));
  must(put(file, {}));
  EXPECT_EQ(code_of(doors.admit(bearer("s3cret"))), "unauthenticated");
  EXPECT_EQ(code_of(doors.admit({})), "unauthenticated");
}

TEST_F(GatewayDoors, AFileThatGoesOrBreaksOpensNothing) {
  Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  must(put(file, {{web(), digest_of_secret("s3cret")}}));
  EXPECT_TRUE(doors.admit(bearer("s3cret")));
  std::ofstream(file) << "nonsense\n";
  EXPECT_EQ(code_of(doors.admit(bearer("s3cret"))), "unavailable");
  std::filesystem::remove(file);
  EXPECT_EQ(code_of(doors.admit(bearer("s3cret"))), "unauthenticated");
  EXPECT_EQ(code_of(doors.admit({})), "unauthenticated");
}

TEST_F(GatewayDoors, AFileThatIsBrokenFromTheBeginningOpensNothingEither) {
  std::ofstream(file) << "nonsense\n";
  Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  EXPECT_EQ(code_of(doors.admit({})), "unavailable");
}

TEST_F(GatewayDoors, AFileThatGoesBeforeTheFirstRequestOpensNothing) {
  must(put(file, {{web(), digest_of_secret("s3cret")}}));
  Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  std::filesystem::remove(file);
  EXPECT_EQ(code_of(doors.admit({})), "unauthenticated");
}

TEST_F(GatewayDoors, OnlyAFileThatIsNotThereIsNone) {
  std::ofstream(folder / "no-folder") << "x";
  Doors doors(
      {.tokens_file = folder / "no-folder/tokens.jsonl", .open_without_tokens = true, .hosts = {}});
  EXPECT_EQ(code_of(doors.admit({})), "unavailable");
}

TEST_F(GatewayDoors, AFileThatOthersMayReadOrWriteOpensNothing) {
  must(put(file, {{web(), digest_of_secret("s3cret")}}));
  using std::filesystem::perms;
  constexpr perms own = perms::owner_read | perms::owner_write;
  for (const perms more : {perms::group_read, perms::others_read, perms::group_write}) {
    std::filesystem::permissions(file, own | more);
    Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
    EXPECT_EQ(code_of(doors.admit(bearer("s3cret"))), "unavailable");
  }
  std::filesystem::permissions(file, own);
  Doors doors({.tokens_file = file, .open_without_tokens = true, .hosts = {}});
  EXPECT_TRUE(doors.admit(bearer("s3cret")));
}

TEST_F(GatewayDoors, ATargetThatNamesItsServerNamesTheOneThatHostDoes) {
  const Doors doors({.tokens_file = {}, .open_without_tokens = true, .hosts = {"localhost"}});
  const auto target = [&](std::string whole) {
    Request request = with({{.name = "Host", .value = "localhost:8080"}});
    request.target = std::move(whole);
    return code_of(doors.check_site(request));
  };
  EXPECT_EQ(target("http://localhost:8080/v1/rooms"), "none");
  EXPECT_EQ(target("http://evil.example/v1/rooms"), "wrong_host");
  EXPECT_EQ(target("/v1/rooms?after=http://evil.example"), "none");
}

TEST_F(GatewayDoors, AreOpenUnderTheServersOwnNamesAlone) {
  const Doors doors({.tokens_file = {},
                     .open_without_tokens = true,
                     .hosts = {"localhost", "127.0.0.1", "[::1]"}});
  const auto host = [&](std::string name) {
    return code_of(doors.check_site(with({{.name = "Host", .value = std::move(name)}})));
  };
  EXPECT_EQ(host("localhost:8080"), "none");
  EXPECT_EQ(host("LocalHost"), "none");
  EXPECT_EQ(host("[::1]:8080"), "none");
  EXPECT_EQ(host("evil.example:8080"), "wrong_host");
  EXPECT_EQ(host("localhost.evil.example"), "wrong_host");
  EXPECT_EQ(host(""), "malformed_request");
  EXPECT_EQ(code_of(doors.check_site({})), "malformed_request");
}

TEST_F(GatewayDoors, APageOfAnotherSiteIsNoCaller) {
  const Doors doors({.tokens_file = {}, .open_without_tokens = true, .hosts = {"localhost"}});
  const auto origin = [&](std::string value) {
    return code_of(doors.check_site(with({{.name = "Host", .value = "localhost:8080"},
                                          {.name = "Origin", .value = std::move(value)}})));
  };
  EXPECT_EQ(origin("http://localhost:8080"), "none");
  EXPECT_EQ(origin("http://localhost:3000"), "wrong_origin");
  EXPECT_EQ(origin("https://evil.example"), "wrong_origin");
  EXPECT_EQ(origin("null"), "wrong_origin");
}

}  // namespace
}  // namespace pesan::http::v1
