// Memory that is given out piece by piece and taken back all at once: what a batch of row changes
// lives in. `clear` keeps the blocks, so that a loop over batches soon allocates nothing. One
// thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace pesan {

class Arena {
 public:
  /// Uninitialised; aligned for whatever fits 16 bytes.
  std::byte* allocate(std::size_t bytes) {
    bytes = (bytes + alignment - 1) / alignment * alignment;
    if (bytes > left_) refill(bytes);
    std::byte* place = next_;
    next_ += bytes;
    left_ -= bytes;
    given_ += bytes;
    return place;
  }
  const char* copy(std::string_view text) {
    if (text.empty()) return "";
    std::byte* place = allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return reinterpret_cast<const char*>(place);
  }
  void clear() {
    used_ = 0;
    next_ = nullptr;
    left_ = 0;
    given_ = 0;
  }
  /// Bytes given out since the last clear.
  std::size_t given() const { return given_; }

 private:
  static constexpr std::size_t alignment = 16;
  // Blocks grow, so that a batch stays small and a long fold takes few and large ones.
  static constexpr std::size_t first_block = 256 * 1024;
  static constexpr std::size_t largest_block = 8 * 1024 * 1024;
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  void refill(std::size_t bytes) {
    while (used_ < blocks_.size() && blocks_[used_].size < bytes) ++used_;
    if (used_ == blocks_.size()) {
      const std::size_t size =
          std::max(bytes, std::clamp(reserved_ / 4, first_block, largest_block));
      blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
      reserved_ += size;
    }
    next_ = blocks_[used_].bytes.get();
    left_ = blocks_[used_].size;
    ++used_;
  }

  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // blocks given out since the last clear
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t given_ = 0;
  std::size_t reserved_ = 0;  // taken from the system
};

}  // namespace pesan
