#include "adapters/sqlite/log_frame.hpp"

#include <new>

namespace pesan::sqlite {
namespace {

// Measured: level 3 takes a fifth more time and gains nothing on records as short as these.
constexpr int level = 1;
// A frame has to be smaller than its records by an eighth: what gains less is read sooner as it is.
constexpr std::size_t eighths_at_most = 7;

/// Without memory zstd has no context to give.
template <class T>
T* made(T* context) {
  if (context == nullptr) throw std::bad_alloc();
  return context;
}

}  // namespace

FramePacker::FramePacker()
    : context_(made(ZSTD_createCCtx())), packed_(ZSTD_compressBound(frame_bytes), '\0') {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

bool FramePacker::add(const Payload& payload) {
  const auto before = plain_.size();
  if (payload.value.size() > frame_bytes - before) return false;  // before it is copied
  append_sized(plain_, payload.key);
  if (needs_headers(payload)) {
    encode_headers(payload, headers_);
    append_sized(plain_, headers_);
  } else {
    append_sized(plain_, std::nullopt);
  }
  append_sized(plain_, payload.value);
  if (plain_.size() <= frame_bytes) return true;
  plain_.resize(before);
  return false;
}

std::optional<std::string_view> FramePacker::pack() {
  const auto size =
      ZSTD_compress2(context_.get(), packed_.data(), packed_.size(), plain_.data(), plain_.size());
  if (ZSTD_isError(size) != 0 || size > plain_.size() / 8 * eighths_at_most) return std::nullopt;
  return std::string_view(packed_).substr(0, size);
}

FrameUnpacker::FrameUnpacker() : context_(made(ZSTD_createDCtx())), plain_(frame_bytes, '\0') {}

bool FrameUnpacker::open(std::string_view frame) {
  if (packed_ != frame && !unpack(frame)) return false;
  left_ = std::string_view(plain_).substr(0, size_);
  return true;
}

bool FrameUnpacker::unpack(std::string_view frame) {
  packed_.clear();
  // It checks the sum that stands at the frame's end, and goes beyond no buffer.
  const auto size =
      ZSTD_decompressDCtx(context_.get(), plain_.data(), plain_.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0) return false;
  size_ = size;
  packed_.assign(frame);
  return true;
}

bool FrameUnpacker::take(Parts& parts) {
  return take_sized(left_, parts.key) && take_sized(left_, parts.headers) &&
         take_sized(left_, parts.value) && parts.value;
}

bool FrameUnpacker::next(Payload& into) {
  Parts parts;
  if (!take(parts) || !decode_headers(parts.headers, into)) return false;
  into.key = parts.key;
  into.value = *parts.value;
  return true;
}

bool FrameUnpacker::skip() {
  Parts parts;
  return take(parts);
}

}  // namespace pesan::sqlite
