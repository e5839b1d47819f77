# generated/pesan_version.hpp: PESAN_VERSION and PESAN_COMMIT. It is looked at in every build and
# written only when it changes, so a new commit compiles again only the file that includes it.
set(PESAN_COMMIT "" CACHE STRING "The commit to show where the sources are no git clone")
set(PESAN_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
find_package(Git QUIET)

add_custom_target(pesan_version_header
    COMMAND "${CMAKE_COMMAND}"
        "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${PESAN_GENERATED_DIR}/pesan_version.hpp"
        "-DVERSION=${PROJECT_VERSION}" "-DCOMMIT=${PESAN_COMMIT}" "-DGIT=${GIT_EXECUTABLE}"
        -P "${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake"
    BYPRODUCTS "${PESAN_GENERATED_DIR}/pesan_version.hpp"
    COMMENT "Looking at the commit"
    VERBATIM)

add_library(pesan_version INTERFACE)
target_include_directories(pesan_version INTERFACE "${PESAN_GENERATED_DIR}")
add_dependencies(pesan_version pesan_version_header)
