// Two years of two real hotels (examples/hotel-demand): where the data are, and the scripts that
// make commands of them and count what must come out. The data are not part of the repository: they
// are looked for at $PESAN_HOTEL_CSV and beside the checkout. One thread.
#pragma once

#include <optional>
#include <string>

namespace pesan::e2e {

class HotelData {
 public:
  /// Nothing where there are no data. Under a sanitizer, which is too slow for all of them, every
  /// fortieth booking; a file of those goes into `folder`.
  static std::optional<HotelData> find(const std::string& folder);

  /// Runs a script of examples/hotel-demand on the data; its output goes to a file. Throws with
  /// what it printed where it fails; what it says on stderr is seen where the test's is.
  void script(const std::string& name, const std::string& arguments,
              const std::string& output) const;

 private:
  explicit HotelData(std::string csv) : csv_(std::move(csv)) {}
  std::string csv_;
};

}  // namespace pesan::e2e
