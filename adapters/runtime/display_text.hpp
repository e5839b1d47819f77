// Texts that others wrote, made fit for a terminal or for JSON: bytes that are no UTF-8 and
// characters that would steer a terminal are replaced by visible ones, and widths are counted in
// columns as a terminal counts them, not in bytes. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pesan::runtime {

/// Bytes that are no UTF-8 become U+FFFD each; all else stays.
std::string valid_utf8(std::string_view text);

/// The same, and control characters become their pictures (a newline is ␊), so that a text stays on
/// its line and no guest's name can move a cursor.
std::string displayable(std::string_view text);

/// In columns of a terminal: 2 for wide East Asian characters, 0 for combining ones. `text` is
/// UTF-8.
std::size_t display_width(std::string_view text);

/// Not wider than `width` (at least 1), with … at its end where something is missing.
std::string cut(std::string_view text, std::size_t width);

}  // namespace pesan::runtime
