#include "tests/e2e/small_business.hpp"

#include <filesystem>
#include <memory>
#include <stdexcept>

#include <sqlite3.h>

namespace pesan::e2e {
namespace {

/// One that every test of this process copies.
const Files& original() {
  static const std::unique_ptr<Files> made = [] {
    auto files = std::make_unique<Files>();
    std::string input;
    for (const std::string& line : small_business_lines()) input += line + "\n";
    const Outcome applied = run(files->on({"apply", "--quiet", "--clock", "command"}), input);
    if (applied.exit_code != 1) throw std::runtime_error("cannot apply: " + applied.err);
    return files;
  }();
  return *made;
}

std::string command(const std::string& id, const std::string& type, const std::string& resource,
                    const std::string& time, const std::string& data) {
  return Line{.id = id, .type = type, .resource = resource, .data = data, .time = time}.text();
}

}  // namespace

std::vector<std::string> small_business_lines() {
  const std::string john =
      R"("customer":{"name":"John Doe","phone":"08123456789","email":"john@email.com"})";
  const std::string siti = R"("customer":{"name":"Siti\n\u001b[31m 漢字","phone":"0811222333"})";
  return {
      command("c1", "DefineRoom", "villa", "2026-11-01T01:00:00Z",
              R"("name":"Villa Laut","units":2,"inventory":"counter")"),
      command("c2", "DefineRoom", "hotel", "2026-11-01T02:00:00Z",
              R"("name":"Twin","units":3,"inventory":"nightly","nightly_price_minor":50000000)"),
      command("c3", "DefineService", "salon", "2026-11-01T03:00:00Z",
              R"("name":"Grooming","price_minor":7500000,"duration_minutes":60)"),
      command(
          "c4", "AddSchedule", "salon", "2026-11-01T04:00:00Z",
          R"("schedule_id":"s1","date":"2026-12-05","start":"09:00","end":"10:00","capacity":2)"),
      command(
          "c5", "AddSchedule", "salon", "2026-11-01T05:00:00Z",
          R"("schedule_id":"s2","date":"2026-12-05","start":"10:00","end":"11:00","capacity":1)"),
      command("c6", "CreateBooking", "villa", "2026-11-02T01:00:00Z",
              R"("status":"confirmed",)" + john),
      command("c7", "CreateBooking", "hotel", "2026-11-03T01:00:00Z",
              R"("status":"confirmed","check_in":"2026-12-01","check_out":"2026-12-04",)" + siti),
      command("c8", "CreateBooking", "salon", "2026-11-04T01:00:00Z",
              R"("schedule_id":"s1",)" + john),
      command("c9", "RecordPayment", "villa", "2026-11-05T01:00:00Z",
              R"("booking_id":"villa.1","status":"paid","amount_minor":100,"method":"cash")"),
      command("c10", "ChangeStatus", "villa", "2026-11-06T01:00:00Z",
              R"("booking_id":"villa.1","status":"cancelled","reason":"storm")"),
      "not a command",
  };
}

SmallBusiness::SmallBusiness() {
  std::filesystem::copy_file(original().log, files.log);
  std::filesystem::copy_file(original().store, files.store);
}

Outcome SmallBusiness::pesan_on_store(Arguments words) const {
  words.insert(words.end(), {"--store", "sqlite:" + files.store});
  return run(words);
}

void SmallBusiness::execute(const std::string& path, const std::string& sql) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open(path.c_str(), &opened);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(opened, &sqlite3_close);
  if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  sqlite3_busy_timeout(opened, 60'000);
  if (sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(opened));
  }
}

}  // namespace pesan::e2e
