// What is set aside beside its refusal, and the headers by which pesan marks what it passes on.
// Bytes and headers are kept as they came, so that they can be mended and sent again; a record that
// is larger than its topic takes is cut, and says so (docs/adr/0011-what-others-do-to-a-log.md).
// Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "events/log.hpp"
#include "events/rejection.hpp"

namespace pesan {

inline constexpr std::string_view forwarded_header = "pesan-forwarded";  // PARTITION-OFFSET
inline constexpr std::string_view reason_header = "pesan-reason";        // a rejection's code
inline constexpr std::string_view origin_header = "pesan-origin";        // PARTITION-OFFSET
// Of what was cut:
inline constexpr std::string_view size_header = "pesan-size";      // bytes of the whole value
inline constexpr std::string_view digest_header = "pesan-digest";  // of the whole value, in hex
inline constexpr std::string_view cut_header = "pesan-cut";        // "value", "key", "headers"

/// Why a record is malformed that no reader can unpack (compression).
inline constexpr std::string_view unpackable_reason =
    "compressed so that it unpacks to more than readers take";

/// Bytes of a record (events/log.hpp, `size_of`) that are passed on whole.
inline constexpr std::size_t largest_whole_record = std::size_t{2} << 20;
/// Of each part of a record that is not.
inline constexpr std::size_t kept_of_a_part = std::size_t{64} << 10;

struct LetterMarks {
  Code reason = Code::malformed;
  std::string_view origin;  // PARTITION-OFFSET of the command
};

/// The dead letter of a record, whatever a client could write.
Payload dead_letter_of(const Payload& record, const LetterMarks& marks);

/// The record as it is forwarded to its partition. Its value is that of a readable command, so only
/// its headers can be too large.
Payload forwarded_of(const Payload& record, std::string_view origin);

bool is_forwarded(const Payload& record);

}  // namespace pesan
