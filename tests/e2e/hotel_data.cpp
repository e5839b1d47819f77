#include "tests/e2e/hotel_data.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int every = 40;
#else
constexpr int every = 1;
#endif

std::optional<std::string> whole_csv() {
  const char* named = std::getenv("PESAN_HOTEL_CSV");
  if (named != nullptr && std::filesystem::exists(named)) return named;
  const std::string beside = PESAN_SOURCE_DIR "/../shared/data/hotel_bookings.csv.xz";
  if (std::filesystem::exists(beside)) return beside;
  return std::nullopt;
}

void must_run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

}  // namespace

std::optional<HotelData> HotelData::find(const std::string& folder) {
  const auto csv = whole_csv();
  if (!csv || every == 1) return csv ? std::optional(HotelData(*csv)) : std::nullopt;
  const std::string sample = folder + "/sample.csv";
  must_run(
      fmt::format("python3 -c 'import lzma, sys; f = sys.argv[1]; "
                  "lines = (lzma.open if f.endswith(\".xz\") else open)(f, \"rt\").readlines(); "
                  "sys.stdout.writelines(lines[:1] + lines[1::{}])' '{}' > '{}'",
                  every, *csv, sample));
  return HotelData(sample);
}

void HotelData::script(const std::string& name, const std::string& arguments,
                       const std::string& output) const {
  try {
    must_run(fmt::format("python3 '{}/examples/hotel-demand/{}' '{}' {} > '{}'", PESAN_SOURCE_DIR,
                         name, csv_, arguments, output));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(error.what() + std::string("\n") + read_file(output));
  }
}

}  // namespace pesan::e2e
