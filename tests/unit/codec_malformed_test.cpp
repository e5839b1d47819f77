// docs/domain.md#rejections, stage read: what is no readable command, and what is one after all.

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

constexpr std::string_view a_room =
    R"({"resource":"villa","actor":{"type":"admin","id":"a"},"name":"V","units":1,)"
    R"("inventory":"counter"})";

/// A CloudEvent with these attributes in front of `data`.
std::string record(std::string_view attributes, std::string_view data = a_room) {
  return fmt::format(R"({{{},"data":{}}})", attributes, data);
}

constexpr std::string_view attributes =
    R"("specversion":"1.0","id":"1","source":"/t","type":"DefineRoom")";

std::string answer_to(std::string value) { return Desk().send_record(std::move(value)).word(); }

TEST(CodecMalformed, AWholeCommandIsRead) {
  EXPECT_EQ(answer_to(record(attributes)), "accepted");
  EXPECT_EQ(answer_to(" \t\r\n" + record(attributes) + "\n"), "accepted");
}

TEST(CodecMalformed, WhatIsNoJsonObject) {
  for (const std::string_view text : {"",
                                      " ",
                                      "null",
                                      "1",
                                      "\"x\"",
                                      "[]",
                                      "true",
                                      "{",
                                      "}",
                                      "{}x",
                                      "{} {}",
                                      "nul",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{'a':1}",
                                      "{a:1}",
                                      "{\"a\":01}",
                                      "{\"a\":+1}",
                                      "{\"a\":.5}",
                                      "{\"a\":1.}",
                                      "{\"a\":NaN}",
                                      "{\"a\":Infinity}",
                                      "[{}]",
                                      "// x\n{}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\\x\"}"}) {
    EXPECT_EQ(answer_to(std::string(text)), "malformed") << text;
  }
}

TEST(CodecMalformed, AByteOrderMark) {
  EXPECT_EQ(answer_to("\xEF\xBB\xBF" + record(attributes)), "malformed");
}

TEST(CodecMalformed, WhatIsNotValidUtf8) {
  for (const std::string_view bytes :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(answer_to(record(fmt::format(R"({},"x":"{}")", attributes, bytes))), "malformed");
  }
  EXPECT_EQ(answer_to(record(fmt::format("{},\"x\":\"\xF4\x8F\xBF\xBF\"", attributes))),
            "accepted");
}

TEST(CodecMalformed, ALoneSurrogate) {
  for (const std::string_view text : {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\ud800)",
                                      R"(\udc00\ud800)", R"(\ud83d\u0041)"}) {
    EXPECT_EQ(answer_to(record(fmt::format(R"({},"x":"{}")", attributes, text))), "malformed")
        << text;
  }
  EXPECT_EQ(answer_to(record(fmt::format(R"({},"x":"\ud83d\ude00")", attributes))), "accepted");
}

TEST(CodecMalformed, DeeperThanThirtyTwoLevels) {
  const auto nested = [](std::size_t levels, char open, char close) {  // the record is the first
    return record(fmt::format(R"({},"x":{}{}{})", attributes, std::string(levels - 1, open), 1,
                              std::string(levels - 1, close)));
  };
  EXPECT_EQ(answer_to(nested(32, '[', ']')), "accepted");
  EXPECT_EQ(answer_to(nested(33, '[', ']')), "malformed");
}

TEST(CodecMalformed, LongerThanAMebibyte) {
  std::string longest = record(attributes);
  longest += std::string((std::size_t{1} << 20) - longest.size(), ' ');
  EXPECT_EQ(answer_to(longest), "accepted");
  EXPECT_EQ(answer_to(longest + " "), "malformed");
}

TEST(CodecMalformed, WhatIsNoCloudEvent) {
  const auto without = [](std::string_view name) {
    std::string text;
    for (const std::string_view one :
         {R"("specversion":"1.0")", R"("id":"1")", R"("source":"/t")", R"("type":"DefineRoom")"}) {
      if (one.substr(1).starts_with(name)) continue;
      if (!text.empty()) text += ",";
      text += one;
    }
    return text;
  };
  for (const std::string_view name : {"specversion", "id", "source", "type"}) {
    EXPECT_EQ(answer_to(record(without(name))), "malformed") << name;
    for (const std::string_view value : {"null", "1", "[]", "{}", "1.0"}) {
      EXPECT_EQ(answer_to(record(fmt::format(R"({},"{}":{})", without(name), name, value))),
                "malformed");
    }
  }
  for (const std::string_view version : {"1", "1.1", "0.3", "1.0 ", ""}) {
    EXPECT_EQ(
        answer_to(record(fmt::format(R"({},"specversion":"{}")", without("specversion"), version))),
        "malformed");
  }
}

TEST(CodecMalformed, IdAndSourceHaveOneToTwoHundredCharacters) {
  for (const std::string_view name : {"id", "source"}) {
    const auto with = [&](const std::string& value) {
      return answer_to(record(fmt::format(R"({},"{}":"{}")", attributes, name, value)));
    };
    std::string wide;
    for (int i = 0; i < 200; ++i) wide += "\xF0\x9F\x98\x80";
    EXPECT_EQ(with("x"), "accepted");
    EXPECT_EQ(with(wide), "accepted");
    EXPECT_EQ(with(""), "malformed");
    EXPECT_EQ(with(wide + "x"), "malformed");
    EXPECT_EQ(with(R"(a\u0000)"), "malformed");
  }
}

TEST(CodecMalformed, NoObjectData) {
  for (const std::string_view data : {"null", "1", "\"x\"", "[]", "true"}) {
    EXPECT_EQ(answer_to(record(attributes, data)), "malformed") << data;
  }
  EXPECT_EQ(answer_to(fmt::format("{{{}}}", attributes)), "malformed");
  EXPECT_EQ(answer_to(record(attributes, "{}")), "invalid_field");
}

TEST(CodecMalformed, OtherAttributesAreCarriedNotRead) {
  EXPECT_EQ(
      answer_to(record(fmt::format(
          R"({},"time":5,"traceparent":null,"datacontenttype":"x","subject":{{}})", attributes))),
      "accepted");
}

TEST(CodecMalformed, NumbersThatNoMachineHoldsAreStillJson) {
  for (const std::string_view number :
       {"1e400", "-1e400", "1e-400", "1e2147483647",
        "123456789012345678901234567890123456789012345678901234567890", "1E+2", "-0.0"}) {
    EXPECT_EQ(answer_to(record(fmt::format(R"({},"x":{})", attributes, number))), "accepted")
        << number;
  }
}

// Boost.JSON 1.81 refused these and 1.83 does not: the answer hung on the system's library.
TEST(CodecMalformed, AnExponentBeyond32BitsIsStillJson) {
  for (const std::string_view number :
       {"1e99999999999", "0.1e-99999999999", "1E+0000000000000000000099999999999"}) {
    const auto text = fmt::format(
        R"({},"x":{},"y":"1e99999999999 \" 1e1","z":[true,false,1e00000000000000000002])",
        attributes, number);
    EXPECT_EQ(answer_to(record(text)), "accepted") << number;
  }
  for (const std::string_view number : {"1e99999999999e", "1e+-99999999999", "e99999999999"}) {
    EXPECT_EQ(answer_to(record(fmt::format(R"({},"x":{})", attributes, number))), "malformed")
        << number;
  }
}

TEST(CodecUnknownType, IsAnyOtherType) {
  for (const std::string_view type : {"", "BookNow", "defineroom", "DefineRoom ", "RoomDefined"}) {
    EXPECT_EQ(answer_to(record(fmt::format(R"({},"type":"{}")", attributes, type))), "unknown_type")
        << type;
  }
}

TEST(CodecMalformed, WhatCouldBeReadOfItStandsInTheResult) {
  Desk()
      .send_record(R"({"specversion":"0.3","id":"7","source":"/t","type":"CheckIn",
                       "data":{"resource":"villa"}})")
      .saying(R"({"command":{"id":"7","source":"/t","type":"CheckIn","digest":null},
                  "resource":"villa","events":[],"sequence":0,"version":0})");
  Desk().send_record("no JSON").saying(
      R"({"command":{"id":null,"source":null,"type":null,"digest":null},
                  "resource":null,"code":"malformed"})");
}

}  // namespace
}  // namespace pesan
