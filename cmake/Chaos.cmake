# Chaos: real processes on a stack of their own with three brokers, under faults, judged by the
# auditor; and pesan_canary, the program with mutants, which the same runs must find wrong.
file(GLOB chaos_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/e2e/chaos/*.cpp")
add_executable(chaos ${chaos_sources} ${e2e_support})
target_link_libraries(chaos PRIVATE pesan_test_support pesan_kafka pesan_mysql SQLite::SQLite3
    pesan_test_settings)
target_compile_definitions(chaos
    PRIVATE "PESAN_CANARY=\"${PROJECT_BINARY_DIR}/tests/pesan_canary\"")
add_executable(pesan_canary adapters/cli/main.cpp tests/e2e/mutants/mutants.cpp)
target_link_libraries(pesan_canary PRIVATE pesan_cli pesan_build_settings)
set(wrapped "${PROJECT_SOURCE_DIR}/tests/e2e/mutants/mutants.wrap")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${wrapped}")
file(STRINGS "${wrapped}" functions REGEX "^(_Z|rd_)")
list(TRANSFORM functions PREPEND "LINKER:--wrap=")
target_link_options(pesan_canary PRIVATE ${functions})
set_target_properties(chaos pesan_canary PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
add_dependencies(chaos pesan pesan_canary)
