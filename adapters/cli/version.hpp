// What `pesan --version` says: the program, its commit and the libraries it runs with.
#pragma once

#include <string>

namespace pesan::cli {

std::string version_text();
/// Of the program alone.
std::string version_number();
std::string version_commit();

}  // namespace pesan::cli
