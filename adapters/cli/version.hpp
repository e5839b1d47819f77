// What `pesan --version` says: the program, its commit and the libraries it runs with.
#pragma once

#include <string>

namespace pesan::cli {

std::string version_text();

}  // namespace pesan::cli
