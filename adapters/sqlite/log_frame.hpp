// Frames: records that one transaction appends to one partition of a topic, compressed together
// into one row, because alone they are too alike to be small. What a frame is made of is in
// docs/wire.md#files. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <zstd.h>

#include "adapters/sqlite/log_format.hpp"

namespace pesan::sqlite {

/// What a frame unpacks to, at most; so much is read for one record of it. Measured: a tenth larger
/// than frames of 1 MiB.
inline constexpr std::size_t frame_bytes = std::size_t{64} << 10;

class FramePacker {
 public:
  FramePacker();

  void begin() { plain_.clear(); }
  /// False, and nothing is added, where the frame would be too large.
  bool add(const Payload& payload);
  /// The frame of what was added since `begin`, or nothing where it would gain too little. Lives
  /// until the next one.
  std::optional<std::string_view> pack();

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::string plain_;
  std::string headers_;  // encoded, of the record at hand
  std::string packed_;
};

class FrameUnpacker {
 public:
  FrameUnpacker();

  /// False when it is not what `pack` made of something. The same frame again costs next to
  /// nothing: an engine whose batches are small reads it as often as it has batches.
  bool open(std::string_view frame);
  /// The next record; false when there is none, or what is there is none.
  bool next(Payload& into);
  /// The same, of a record that nobody asked for.
  bool skip();
  bool at_end() const { return left_.empty(); }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  struct Parts {
    std::optional<std::string_view> key;
    std::optional<std::string_view> headers;
    std::optional<std::string_view> value;
  };
  bool unpack(std::string_view frame);
  bool take(Parts& parts);

  std::unique_ptr<ZSTD_DCtx, Free> context_;
  std::string packed_;  // the frame that was opened last
  std::string plain_;   // what it unpacks to
  std::size_t size_ = 0;
  std::string_view left_;  // of plain_
};

}  // namespace pesan::sqlite
