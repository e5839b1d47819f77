# What we take from others, each as Debian 12 and 13 package it (the lists stand in ./dev).
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(fmt CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED) # for time zones, which GCC 12's chrono has none of, and B-trees
find_package(xxHash MODULE REQUIRED)
find_package(SQLite3 MODULE REQUIRED)
find_package(zstd CONFIG REQUIRED)
find_package(OpenSSL REQUIRED) # for tokens: their randomness, digest and comparison
find_package(RdKafka MODULE REQUIRED)
find_package(PrometheusCore MODULE REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
# Headers alone: its package of Debian's would link a library that is not needed.
find_path(TomlPlusPlus_INCLUDE_DIR toml++/toml.h REQUIRED)
mark_as_advanced(TomlPlusPlus_INCLUDE_DIR)
find_package(MySQLConnector MODULE REQUIRED)

if(PESAN_SANITIZE MATCHES "thread")
    # Before librdkafka and the C library in the order in which names are looked up.
    add_library(pesan_c11_threads SHARED "${PROJECT_SOURCE_DIR}/cmake/c11_threads.cpp")
    target_link_libraries(pesan_c11_threads PRIVATE Threads::Threads)
    target_link_libraries(RdKafka::rdkafka INTERFACE pesan_c11_threads)
endif()
