// Opens the file of a read model so that nothing in it is believed, and nothing changed, before it
// is known to be one of ours and of a version that this program knows. Any thread, with the
// connection it gets.
#pragma once

#include "adapters/sqlite/database.hpp"

namespace pesan::sqlite {

/// `options.access` read: falls back to immutable, and says so in `options`, where the folder lets
/// nothing be made and nobody is writing. write: an empty file is no read model. create: an empty
/// or missing file becomes one.
Fallible<Database> open_read_model(OpenOptions& options);

}  // namespace pesan::sqlite
