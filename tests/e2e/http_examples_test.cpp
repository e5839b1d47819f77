// The programs of examples/http as a service runs them: each books once, though the first time that
// it asks its connection ends, and whoever listens is away for a while.
#include <array>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/asking.hpp"
#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using ::testing::HasSubstr;

struct Example {
  std::string name, runs_in, file;
};
void PrintTo(const Example& example, std::ostream* out) { *out << example.name; }

class HttpExamples : public ::testing::TestWithParam<Example> {};

TEST_P(HttpExamples, BookOnceThoughTheFirstAnswerIsLostAndTheServerComesLater) {
  const auto& [name, runs_in, file] = GetParam();
  const std::string path = fmt::format("{}/examples/http/{}", PESAN_SOURCE_DIR, file);
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor door(context, {boost::asio::ip::address_v4::loopback(), 0});
  ::fcntl(door.native_handle(), F_SETFD, FD_CLOEXEC);  // no listener lives on in the example
  const std::string address = fmt::format("127.0.0.1:{}", door.local_endpoint().port());

  Program example({path, "http://" + address}, {}, runs_in);
  {
    auto first = door.accept();
    std::array<char, 4096> asked{};
    first.read_some(boost::asio::buffer(asked));
  }
  door.close();
  const Files files;
  const Program server(files.on({"serve", "--http", address}));

  const Outcome said = example.wait();
  EXPECT_EQ(said.exit_code, 0) << said;
  EXPECT_THAT(said.out, HasSubstr(fmt::format(R"("booking_id":"{}-villa.1")", name)));
  EXPECT_THAT(run(files.on({"show", "rooms", "--json"})).lines(), ::testing::SizeIs(1));
  EXPECT_THAT(run(files.on({"show", "bookings", "--json"})).lines(), ::testing::SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(In, HttpExamples,
                         ::testing::Values(Example{"curl", "sh", "book.sh"},
                                           Example{"python", "python3", "book.py"},
                                           Example{"node", "node", "book.mjs"}),
                         [](const auto& about) { return about.param.name; });

}  // namespace
}  // namespace pesan::e2e
