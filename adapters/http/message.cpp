#include "adapters/http/message.hpp"

#include <boost/beast/core/string.hpp>

namespace pesan::http {

const std::string* Request::find(std::string_view name) const {
  for (const Header& header : headers) {
    if (boost::beast::iequals({header.name.data(), header.name.size()},
                              {name.data(), name.size()})) {
      return &header.value;
    }
  }
  return nullptr;
}

Response text(unsigned status, std::string_view line) {
  return {.status = status, .body = std::string(line) + "\n"};
}

}  // namespace pesan::http
