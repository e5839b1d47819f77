# bench/<name>.cpp and bench/peers/<name>.cpp -> build/<preset>/bench/<name>. Peers are what we are
# measured against, so they may use what they need directly.
find_package(benchmark CONFIG REQUIRED)

file(GLOB benches CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cpp"
    "${PROJECT_SOURCE_DIR}/bench/peers/*.cpp")
foreach(source IN LISTS benches)
    cmake_path(GET source STEM name)
    add_executable(bench_${name} "${source}")
    target_link_libraries(bench_${name} PRIVATE
        pesan_sqlite SQLite::SQLite3 benchmark::benchmark pesan_build_settings)
    set_target_properties(bench_${name} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
endforeach()
