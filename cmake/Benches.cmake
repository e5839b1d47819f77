# bench/<name>_bench.cpp and bench/peers/<name>.cpp are programs, build/<preset>/bench/<name>; what
# else stands in bench/ is shared by them. Peers are what we are measured against, so they may use
# what they need directly.
find_package(benchmark CONFIG REQUIRED)

file(GLOB bench_programs CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*_bench.cpp"
    "${PROJECT_SOURCE_DIR}/bench/peers/*.cpp")
file(GLOB bench_shared CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
    "${PROJECT_SOURCE_DIR}/bench/*.cpp")
list(FILTER bench_shared EXCLUDE REGEX "_bench\\.cpp$")

add_library(pesan_bench_support INTERFACE)
target_link_libraries(pesan_bench_support INTERFACE
    pesan_cli SQLite::SQLite3
    benchmark::benchmark)
if(bench_shared)
    add_library(pesan_bench_shared STATIC ${bench_shared})
    target_link_libraries(pesan_bench_shared
        PUBLIC pesan_engine pesan_projections PRIVATE pesan_build_settings)
    target_link_libraries(pesan_bench_support INTERFACE pesan_bench_shared)
endif()

foreach(source IN LISTS bench_programs)
    cmake_path(GET source STEM name)
    add_executable(bench_${name} "${source}")
    target_link_libraries(bench_${name} PRIVATE pesan_bench_support pesan_build_settings)
    set_target_properties(bench_${name} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
endforeach()
