# Tests, one binary per folder; CTest labels are the folder names. Every binary writes the results
# of its cases to test-results/, where ./dev test counts them. Unit and simulation tests link no
# adapter: what they need of the outside world is simulated in tests/support.
find_package(GTest CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

set(PESAN_TEST_RESULTS "${PROJECT_BINARY_DIR}/test-results")
set(PESAN_TIMEOUT_FACTOR 1)
if(PESAN_SANITIZE MATCHES "thread")
    set(PESAN_TIMEOUT_FACTOR 6)
elseif(PESAN_SANITIZE)
    set(PESAN_TIMEOUT_FACTOR 4)
endif()

# For the tests and the programs that they start.
set(PESAN_TEST_ENVIRONMENT
    "ASAN_OPTIONS=strict_string_checks=1:check_initialization_order=1:print_legend=0"
    "UBSAN_OPTIONS=print_stacktrace=1" "TSAN_OPTIONS=second_deadlock_stack=1")

pesan_room(pesan_test_support FOLDER tests/support
    LINKS pesan_engine pesan_projections GTest::gtest GTest::gmock rapidcheck)

# What every test binary is told. One set for all, so that they can share one precompiled header.
add_library(pesan_test_settings INTERFACE)
target_compile_definitions(pesan_test_settings INTERFACE
    "PESAN_PROGRAM=\"${PROJECT_BINARY_DIR}/pesan\"" "PESAN_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
target_link_libraries(pesan_test_settings INTERFACE pesan_build_settings)

# The headers that cost most to parse, precompiled once for all test binaries.
file(WRITE "${PROJECT_BINARY_DIR}/generated/precompiled.cpp.in" "")
file(COPY_FILE "${PROJECT_BINARY_DIR}/generated/precompiled.cpp.in"
    "${PROJECT_BINARY_DIR}/generated/precompiled.cpp" ONLY_IF_DIFFERENT)
add_library(pesan_test_precompiled OBJECT "${PROJECT_BINARY_DIR}/generated/precompiled.cpp")
target_link_libraries(pesan_test_precompiled
    PRIVATE pesan_test_settings GTest::gtest GTest::gmock Boost::json fmt::fmt date::date-tz)
target_precompile_headers(pesan_test_precompiled PRIVATE
    <gtest/gtest.h> <gmock/gmock.h> <boost/json.hpp> <fmt/format.h>
    <expected> <map> <optional> <string> <string_view> <variant> <vector>)

# pesan_tests(<folder> [LINKS <target>...] [TIMEOUT <seconds>] [SHARDS <n>] [COST <n>])
# tests/<folder>/**/*.cpp -> <folder>_tests, run as SHARDS processes that share its cases.
function(pesan_tests folder)
    cmake_parse_arguments(PARSE_ARGV 1 tests "" "TIMEOUT;SHARDS;COST" "LINKS")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp")
    if(NOT sources)
        return()
    endif()
    set(target ${folder}_tests)
    add_executable(${target} ${sources})
    target_link_libraries(${target} PRIVATE pesan_test_support pesan_engine pesan_projections
        ${tests_LINKS} pesan_test_settings GTest::gtest_main)
    target_precompile_headers(${target} REUSE_FROM pesan_test_precompiled)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")

    math(EXPR timeout "${tests_TIMEOUT} * ${PESAN_TIMEOUT_FACTOR}")
    math(EXPR last "${tests_SHARDS} - 1")
    foreach(shard RANGE ${last})
        set(name ${folder})
        if(tests_SHARDS GREATER 1)
            math(EXPR number "${shard} + 1")
            set(name "${folder}.${number}")
        endif()
        add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
        set_tests_properties(${name} PROPERTIES
            LABELS ${folder} TIMEOUT ${timeout} COST ${tests_COST}
            ENVIRONMENT "GTEST_TOTAL_SHARDS=${tests_SHARDS};GTEST_SHARD_INDEX=${shard};\
GTEST_OUTPUT=xml:${PESAN_TEST_RESULTS}/${name}.xml;${PESAN_TEST_ENVIRONMENT}")
    endforeach()
endfunction()

pesan_tests(unit TIMEOUT 120 SHARDS 2 COST 20)
pesan_tests(contract LINKS pesan_sqlite TIMEOUT 300 SHARDS 2 COST 30)
pesan_tests(simulation TIMEOUT 300 SHARDS 2 COST 60)
# The simulation's mutants stand before these functions: see tests/simulation/mutants.hpp.
if(TARGET simulation_tests)
    set(wrapped "${PROJECT_SOURCE_DIR}/tests/simulation/mutants.wrap")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${wrapped}")
    file(STRINGS "${wrapped}" functions REGEX "^_Z")
    list(TRANSFORM functions PREPEND "LINKER:--wrap=")
    target_link_options(simulation_tests PRIVATE ${functions})
endif()
pesan_tests(integration LINKS pesan_cli pesan_sqlite TIMEOUT 300 SHARDS 2 COST 40)
pesan_tests(e2e LINKS SQLite::SQLite3 TIMEOUT 600 SHARDS 4 COST 100)
if(TARGET e2e_tests AND TARGET pesan)
    add_dependencies(e2e_tests pesan)
endif()

include(Fuzzers)

# The house rules: what no compiler checks. They name the file, the line and the replacement.
function(pesan_architecture_test name script)
    if(EXISTS "${PROJECT_SOURCE_DIR}/tests/architecture/${script}")
        add_test(NAME architecture.${name}
            COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/architecture/${script}"
            WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
        set_tests_properties(architecture.${name} PROPERTIES LABELS architecture TIMEOUT 120)
    endif()
endfunction()
pesan_architecture_test(house_rules house_rules.py)
pesan_architecture_test(house_rules_can_fail house_rules_test.py)

# Formatting is a test where the formatter is there; ./dev fmt and ./dev tidy bring it along.
find_program(PESAN_CLANG_FORMAT_PROGRAM clang-format-19)
mark_as_advanced(PESAN_CLANG_FORMAT_PROGRAM)
if(PESAN_CLANG_FORMAT_PROGRAM)
    add_test(NAME architecture.format COMMAND "${PROJECT_SOURCE_DIR}/dev" fmt --check)
    set_tests_properties(architecture.format PROPERTIES
        LABELS architecture TIMEOUT 120 ENVIRONMENT PESAN_NO_INSTALL=1)
endif()
