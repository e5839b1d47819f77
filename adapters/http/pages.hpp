// A handler for those who look at a process from outside: a page for a path, by GET and HEAD alone.
// No rights: it is for a network that may read what it shows.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "adapters/http/server.hpp"

namespace pesan::http {

/// What stands at a path (without its query); nothing: 404.
using Pages = std::function<std::optional<Response>(std::string_view path)>;

Handler serve_pages(Pages pages);

}  // namespace pesan::http
