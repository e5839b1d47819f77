// docs/customers.md#matching: whose booking a booking is.

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "engine/customer_master.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

/// A registry's memory, and bookings as they are made.
class Registrar {
 public:
  explicit Registrar(std::string calling_code = "62") : master_(std::move(calling_code)) {}

  Registrar& by(const Actor& actor) {
    actor_ = actor;
    return *this;
  }
  Registrar& from(std::string_view source) {
    source_ = source;
    return *this;
  }
  /// The code of the customer whose booking it is; what is said of it has happened.
  std::string book(const Customer& customer) {
    BookingCreated booking;
    booking.facet.booking_id = "villa.1";
    booking.booked_for = "2026-12-01T00:00"_local;
    booking.customer = customer;
    std::string code;
    said_ = master_.decide({.resource = "villa",
                            .actor = actor_,
                            .source = source_,
                            .booking = booking,
                            .partition = {},
                            .sequence = {++sequence_}},
                           code);
    for (const auto& event : said_) master_.evolve(event);
    return code;
  }
  /// An event of an older program, as it stands in the log.
  void recall(const CustomerEventBody& event) { master_.evolve(event); }
  const CustomerEventBody& first() const { return said_.front(); }
  const BookingLinked& link() const { return std::get<BookingLinked>(said_.back()); }

 private:
  CustomerMaster master_;
  Actor actor_ = admin;
  std::string_view source_ = "/clinic";
  std::int64_t sequence_ = 0;
  std::vector<CustomerEventBody> said_;
};

std::optional<std::string> phone(std::string_view text) { return normalised_phone(text, "62"); }

// ---- phone numbers ----

TEST(RulePhone, OneNumberAsPeopleWriteItIsOne) {
  for (const std::string_view text :
       {"081234567890", "+6281234567890", "006281234567890", "6281234567890",
        "+62 (0)812-3456-7890", "+62 0812 3456 7890", "(+62) 812 3456 7890", " +62.812.34567890",
        "081234567890 ext. 12", "0 0 62 812 34567890", "[00]6281234567890"}) {
    EXPECT_EQ(phone(text), "081234567890") << text;
  }
}

TEST(RulePhone, AZeroThatWasLostIsNotMadeUp) { EXPECT_EQ(phone("81234567890"), "81234567890"); }

TEST(RulePhone, AShortLocalNumberKeepsWhatLooksLikeACallingCode) {
  EXPECT_EQ(phone("6255501"), "6255501");
  EXPECT_EQ(phone("055501"), "055501");
  EXPECT_EQ(phone("+6255501"), "055501");
  EXPECT_EQ(phone("0062-55501"), "055501");
}

TEST(RulePhone, TenDigitsShowTheCallingCodeAndNineDoNot) {
  EXPECT_EQ(phone("6281234567"), "081234567");
  EXPECT_EQ(phone("628123456"), "628123456");
  EXPECT_EQ(phone("-00628123456"), "628123456") << "nine are left, and it did not begin with 00";
  EXPECT_EQ(phone("-006281234567"), "081234567");
}

TEST(RulePhone, WhatStandsBehindTheFirstLetterIsLeftOutWhereFiveDigitsStandBeforeIt) {
  EXPECT_EQ(phone("08123 x 99"), "08123");
  EXPECT_EQ(phone("0812 x 99"), "081299");
  EXPECT_EQ(phone("tel 08123456 ext 12"), "0812345612");
  EXPECT_EQ(phone("tel +62 8123456"), "628123456") << "it begins with neither + nor 00";
}

TEST(RulePhone, FewDigitsOrAlwaysTheSameTellNobodyApart) {
  EXPECT_EQ(phone("00000000"), std::nullopt);
  EXPECT_EQ(phone("0000-0000"), std::nullopt);
  EXPECT_EQ(phone("11111"), std::nullopt);
  EXPECT_EQ(phone("+62 00000"), std::nullopt);
  EXPECT_EQ(phone("+62 812"), std::nullopt);
  EXPECT_EQ(phone("+62 8123"), "08123");
  EXPECT_EQ(phone("0012345"), "12345");
  EXPECT_EQ(phone("001234"), std::nullopt);
}

TEST(RulePhone, TheCallingCodeIsTheLogs) {
  EXPECT_EQ(normalised_phone("+44 (0)20 7946 0000", "44"), "02079460000");
  EXPECT_EQ(normalised_phone("+62 812 3456 7890", "44"), "6281234567890");
  EXPECT_EQ(Registrar("44").by(admin).book({.name = "A", .phone = "+4420 79460000"}), "CS-000001");
}

// ---- who is found ----

TEST(RuleCustomer, TheBusinessesOwnKeyIsAskedFirst) {
  Registrar desk;
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1", .phone = "0812345"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Bob", .phone = "0899999"}), "CS-000002");
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1", .phone = "0899999", .email = "b@x.io"}),
            "CS-000001");
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1"}), "CS-000001");
}

TEST(RuleCustomer, ARefIsOfTheSourceThatSentIt) {
  Registrar desk;
  EXPECT_EQ(desk.from("/clinic").book({.name = "Ann", .ref = "1"}), "CS-000001");
  EXPECT_EQ(desk.from("/hotel").book({.name = "Bob", .ref = "1"}), "CS-000002");
  EXPECT_EQ(desk.from("/clinic").book({.name = "Anna", .ref = "1"}), "CS-000001");
}

TEST(RuleCustomer, ANewRefFallsThroughAlsoWhereAnotherOfItsSourceIsLinked) {
  Registrar desk;
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1", .phone = "0812345"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-2", .phone = "0812345"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Cat", .ref = "p-2"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Cat", .ref = "p-3"}), "CS-000002");
}

TEST(RuleCustomer, AUserSpeaksForNobodysOtherAccount) {
  Registrar desk;
  desk.book({.name = "Ann", .ref = "u-77", .phone = "0812345"});
  EXPECT_EQ(desk.by(guest).book({.name = "Eve", .ref = "u-77"}), "CS-000002");
  EXPECT_EQ(desk.link().ref, std::nullopt);
  EXPECT_EQ(desk.link().source, std::nullopt);
  EXPECT_EQ(desk.by(stranger).book({.name = "Anna", .ref = "u-77"}), "CS-000001");
  EXPECT_EQ(desk.by(guest).book({.name = "Gus", .ref = "u-9"}), "CS-000003");
  EXPECT_EQ(desk.by(admin).book({.name = "Gus", .ref = "u-9", .phone = "0812345"}), "CS-000003");
}

TEST(RuleCustomer, ALinkCarriesTheRefThatCountedAndItsSource) {
  Registrar desk;
  desk.from("/clinic").book({.name = "Ann", .ref = "p-1"});
  EXPECT_EQ(desk.link().ref, "p-1");
  EXPECT_EQ(desk.link().source, "/clinic");
  desk.book({.name = "Ann"});
  EXPECT_EQ(desk.link().ref, std::nullopt);
}

TEST(RuleCustomer, APhoneThatTellsNobodyApartIsAsIfNotGivenInTheRowToo) {
  Registrar desk;
  EXPECT_EQ(desk.book({.name = "Ann", .phone = "00000000"}), "CS-000001");
  EXPECT_EQ(std::get<CustomerRegistered>(desk.first()).phone, std::nullopt);
  EXPECT_EQ(desk.book({.name = "Bob", .phone = "00000000"}), "CS-000002");
  EXPECT_EQ(desk.book({.name = "ann"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Ann", .phone = "00000000", .email = "a@x.io"}), "CS-000003");
}

TEST(RuleCustomer, WhoGetsAnEmailIsNoLongerFoundByName) {
  Registrar desk;
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1", .email = "a@x.io"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Ann"}), "CS-000002");
  EXPECT_EQ(desk.book({.name = "Zoe", .email = "A@x.io"}), "CS-000001");
}

TEST(RuleCustomer, AnEmailThatIsAnothersIsLeftAloneAlsoWhereTheRefWins) {
  Registrar desk;
  desk.book({.name = "Ann", .ref = "p-1", .email = "a@x.io"});
  desk.book({.name = "Bob", .email = "b@x.io"});
  EXPECT_EQ(desk.book({.name = "Ann", .ref = "p-1", .email = "b@x.io"}), "CS-000001");
  EXPECT_EQ(desk.book({.name = "Eve", .email = "b@x.io"}), "CS-000002");
  EXPECT_EQ(desk.book({.name = "Eve", .email = "a@x.io"}), "CS-000001");
}

// ---- what older programs registered ----

TEST(RuleCustomer, CustomersOfOlderProgramsAreFoundByTodaysRules) {
  Registrar desk;
  desk.recall(CustomerRegistered{.code = "CS-000001",
                                 .name = "Ann",
                                 .gender = {},
                                 .phone = "00000000",
                                 .email = {},
                                 .address = {},
                                 .preferred_resource = "villa",
                                 .booked_for = {}});
  desk.recall(CustomerRegistered{.code = "CS-000002",
                                 .name = "Bob",
                                 .gender = {},
                                 .phone = "+62 0812 3456 7890",
                                 .email = {},
                                 .address = {},
                                 .preferred_resource = "villa",
                                 .booked_for = {}});
  desk.recall(
      BookingLinked{.code = "CS-000002", .booking_id = "villa.9", .partition = 0, .sequence = 1});
  EXPECT_EQ(desk.book({.name = "Bo", .phone = "081234567890"}), "CS-000002");
  EXPECT_EQ(desk.book({.name = "Eve", .phone = "00000000"}), "CS-000003");
  EXPECT_EQ(desk.book({.name = "Ann"}), "CS-000001");
}

TEST(RuleCustomer, OfSeveralWithOnePhoneByTodaysRulesTheFirstIsFound) {
  Registrar desk;
  for (const auto& [code, number] :
       {std::pair{"CS-000001", "081234567890"}, std::pair{"CS-000002", "+62 0812 3456 7890"}}) {
    desk.recall(CustomerRegistered{.code = code,
                                   .name = "Bob",
                                   .gender = {},
                                   .phone = number,
                                   .email = {},
                                   .address = {},
                                   .preferred_resource = "villa",
                                   .booked_for = {}});
  }
  EXPECT_EQ(desk.book({.name = "Bob", .phone = "+62 (0)812 34567890"}), "CS-000001");
}

}  // namespace
}  // namespace pesan
