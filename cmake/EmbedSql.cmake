# pesan_embed_sql(<target> ADAPTER <name> FOLDER <folder> SYMBOL <name>)
# Compiles the texts of <folder>/*.sql into <target> as `std::span<const SqlObject> <name>()`
# (adapters/<adapter>/embedded_sql.hpp), in the order of their names; a file's name is its object's.
function(pesan_embed_sql target)
    cmake_parse_arguments(PARSE_ARGV 1 sql "" "ADAPTER;FOLDER;SYMBOL" "")
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${sql_FOLDER}/*.sql")
    list(SORT files)
    set(rows "")
    foreach(file IN LISTS files)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
        cmake_path(GET file STEM name)
        file(READ "${file}" text)
        string(APPEND rows "    SqlObject{\"${name}\", R\"sql(${text})sql\"},\n")
    endforeach()
    list(LENGTH files count)
    set(source "${PROJECT_BINARY_DIR}/generated/${sql_ADAPTER}_${sql_SYMBOL}.cpp")
    file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT
"// The files of @sql_FOLDER@. Written by the build.
#include <array>

#include \"adapters/@sql_ADAPTER@/embedded_sql.hpp\"

namespace pesan::@sql_ADAPTER@ {

std::span<const SqlObject> @sql_SYMBOL@() {
  static constexpr std::array<SqlObject, @count@> objects{
@rows@  };
  return objects;
}

}  // namespace pesan::@sql_ADAPTER@
")
    target_sources(${target} PRIVATE "${source}")
endfunction()
