#include "adapters/runtime/thrown.hpp"

#include <new>
#include <system_error>

namespace pesan::runtime {

std::string sentence_of(const std::exception& thrown) {
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr) {
    return "there is no memory left: give this process more, or less to hold (--remember, --batch, "
           "--memory), and start again";
  }
  const auto* refused = dynamic_cast<const std::system_error*>(&thrown);
  if (refused != nullptr && refused->code() == std::errc::resource_unavailable_try_again) {
    return "no thread could be made: give this process more memory, or raise the limit of its "
           "threads (ulimit -u, or that of its container), and start again";
  }
  return thrown.what();
}

}  // namespace pesan::runtime
