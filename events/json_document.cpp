#include "events/json_document.hpp"

namespace pesan {
namespace {

boost::json::parse_options options() {
  boost::json::parse_options options;
  options.max_depth = 32;  // DESIGN 3.3: deeper is malformed
  return options;
}

}  // namespace

JsonDocument::JsonDocument()
    : buffer_(std::make_unique_for_overwrite<unsigned char[]>(buffer_size)),
      memory_(buffer_.get(), buffer_size),
      parser_(boost::json::storage_ptr{}, options()) {}

const boost::json::value* JsonDocument::parse(std::string_view text) {
  value_.reset();
  parser_.reset();
  memory_.release();
  parser_.reset(&memory_);
  boost::system::error_code error;
  parser_.write(text.data(), text.size(), error);
  if (error) {
    error_ = error.message();
    parser_.reset();
    return nullptr;
  }
  value_.emplace(parser_.release());
  return &*value_;
}

}  // namespace pesan
