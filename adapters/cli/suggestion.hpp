// What somebody may have meant who typed a name that there is not. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pesan::cli {

/// The name that is the fewest letters away, where those are few; nothing where none is near.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> names);

}  // namespace pesan::cli
