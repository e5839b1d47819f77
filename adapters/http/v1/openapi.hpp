// What /v1 is, as OpenAPI 3.1 has it (docs/http.md#descriptions): made of the routes, the
// descriptions of commands and those of the tables, so that it cannot say other than what is read
// and answered. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pesan::http::v1 {

/// `version` of the program.
std::string openapi(std::string_view version);

}  // namespace pesan::http::v1
