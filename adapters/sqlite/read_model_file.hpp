// Opens the file of a read model so that nothing in it is believed, and nothing changed, before it
// is known to be one of ours and of a version that this program knows. Any thread, with the
// connection it gets.
#pragma once

#include <utility>

#include "adapters/sqlite/database.hpp"

namespace pesan::sqlite {

/// A file of an older schema is brought forward, or, for reading, refused; so is one whose tables
/// are not those that this program knows.
/// `options.access` read: falls back to immutable, and says so in `options`, where the folder lets
/// nothing be made and nobody is writing. write: an empty file is no read model. create: an empty
/// or missing file becomes one.
Fallible<Database> open_read_model(OpenOptions& options);

/// The file, made with its folder where there is none, with what it says it is; nothing in it is
/// looked at further.
Fallible<std::pair<Database, FileIdentity>> open_to_migrate(const OpenOptions& options);
/// An empty file becomes a read model in one transaction, or stays empty.
Fallible<void> create_schema(Database& database);

}  // namespace pesan::sqlite
