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
    "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=second_deadlock_stack=1:suppressions=${CMAKE_CURRENT_LIST_DIR}/tsan.suppressions")

# What every test is compiled with. One set for all, so that they can share one precompiled header.
# -O1: half of a build's time are tests, which run once.
add_library(pesan_test_settings INTERFACE)
target_compile_options(pesan_test_settings INTERFACE -O1)
target_compile_definitions(pesan_test_settings INTERFACE
    "PESAN_PROGRAM=\"${PROJECT_BINARY_DIR}/pesan\"" "PESAN_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
target_link_libraries(pesan_test_settings INTERFACE pesan_build_settings)

# The headers that cost most to parse, precompiled once for all test binaries.
file(WRITE "${PROJECT_BINARY_DIR}/generated/precompiled.cpp.in" "")
file(COPY_FILE "${PROJECT_BINARY_DIR}/generated/precompiled.cpp.in"
    "${PROJECT_BINARY_DIR}/generated/precompiled.cpp" ONLY_IF_DIFFERENT)
add_library(pesan_test_precompiled OBJECT "${PROJECT_BINARY_DIR}/generated/precompiled.cpp")
target_link_libraries(pesan_test_precompiled
    PRIVATE pesan_test_settings GTest::gtest GTest::gmock Boost::json fmt::fmt absl::time)
target_precompile_headers(pesan_test_precompiled PRIVATE
    <gtest/gtest.h> <gmock/gmock.h> <boost/json.hpp> <fmt/format.h>
    <expected> <map> <optional> <string> <string_view> <variant> <vector>)

pesan_room(pesan_test_support FOLDER tests/support
    LINKS pesan_engine pesan_projections GTest::gtest GTest::gmock rapidcheck)
target_compile_definitions(pesan_test_support PUBLIC
    "PESAN_TEST_SERVER=\"${PROJECT_BINARY_DIR}/mariadb\"")
target_link_libraries(pesan_test_support PRIVATE pesan_test_settings)
target_precompile_headers(pesan_test_support REUSE_FROM pesan_test_precompiled)

# A MariaDB for the tests that need one; PESAN_TEST_MYSQL=mysql://root@host:port is used instead.
add_test(NAME mariadb.start
    COMMAND "${PROJECT_SOURCE_DIR}/tests/support/mariadb" start "${PROJECT_BINARY_DIR}/mariadb")
add_test(NAME mariadb.stop
    COMMAND "${PROJECT_SOURCE_DIR}/tests/support/mariadb" stop "${PROJECT_BINARY_DIR}/mariadb")
set_tests_properties(mariadb.start PROPERTIES FIXTURES_SETUP mariadb TIMEOUT 120)
set_tests_properties(mariadb.stop PROPERTIES FIXTURES_CLEANUP mariadb TIMEOUT 120)

# pesan_tests(<folder> [LINKS <target>...] [ALSO <file>...] [TIMEOUT <s>] [SHARDS <n>] [COST <n>]
#             [MARIADB])
# tests/<folder>/**/*.cpp -> <folder>_tests, run as SHARDS processes that share its cases, with the
# build's MariaDB running where it says so. A folder <folder>/real is another binary,
# <folder>_real_tests: its cases need the servers of ./dev stack, which CTest starts before the
# first of them and stops after the last.
function(pesan_tests folder)
    cmake_parse_arguments(PARSE_ARGV 1 tests "MARIADB" "TIMEOUT;SHARDS;COST" "LINKS;ALSO")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp")
    set(stack "")
    set(fixtures "")
    if(tests_MARIADB)
        list(APPEND fixtures mariadb)
    endif()
    if(folder MATCHES "/real$")
        list(APPEND fixtures stack)
        set(stack "PESAN_TEST_STACK=${PESAN_TEST_STACK_FOLDER}/addresses")
    else()
        list(FILTER sources EXCLUDE REGEX "/(real|chaos|mutants)/")
    endif()
    if(NOT sources)
        return()
    endif()
    string(REPLACE "/" "_" folder "${folder}")
    set(target ${folder}_tests)
    add_executable(${target} ${sources} ${tests_ALSO})
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
            LABELS ${folder} TIMEOUT ${timeout} COST ${tests_COST} FIXTURES_REQUIRED "${fixtures}"
            ENVIRONMENT "${stack};GTEST_TOTAL_SHARDS=${tests_SHARDS};GTEST_SHARD_INDEX=${shard};\
GTEST_OUTPUT=xml:${PESAN_TEST_RESULTS}/${name}.xml;${PESAN_TEST_ENVIRONMENT}")
    endforeach()
endfunction()

# The servers of the tests: a stack of their own, on free ports, with nothing in it.
cmake_path(GET PROJECT_BINARY_DIR FILENAME preset_folder)
set(PESAN_TEST_STACK_NAME "test-${preset_folder}")
set(PESAN_TEST_STACK_FOLDER "${PROJECT_SOURCE_DIR}/build/stack/${PESAN_TEST_STACK_NAME}")
function(pesan_stack_test name)
    add_test(NAME stack.${name}
        COMMAND "${PROJECT_SOURCE_DIR}/dev" stack ${ARGN} --name "${PESAN_TEST_STACK_NAME}")
    set_tests_properties(stack.${name} PROPERTIES LABELS stack TIMEOUT 600
        ENVIRONMENT "PESAN_KAFKA_PORT=0;PESAN_MARIADB_PORT=0")
endfunction()
pesan_stack_test(wipe down --wipe)  # what a run left that was killed
pesan_stack_test(up up)
pesan_stack_test(down down --wipe)
set_tests_properties(stack.wipe PROPERTIES FIXTURES_SETUP no_stack)
set_tests_properties(stack.up PROPERTIES FIXTURES_SETUP stack FIXTURES_REQUIRED no_stack)
set_tests_properties(stack.down PROPERTIES FIXTURES_CLEANUP stack)

pesan_tests(unit TIMEOUT 120 SHARDS 2 COST 20)
pesan_tests(contract LINKS pesan_runtime
    TIMEOUT 300 SHARDS 2 COST 30 MARIADB)
pesan_tests(contract/real LINKS pesan_runtime TIMEOUT 300 SHARDS 1 COST 50 MARIADB)
pesan_tests(simulation TIMEOUT 300 SHARDS 2 COST 60)
# The simulation's mutants stand before these functions: see tests/simulation/mutants.hpp.
if(TARGET simulation_tests)
    set(wrapped "${PROJECT_SOURCE_DIR}/tests/simulation/mutants.wrap")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${wrapped}")
    file(STRINGS "${wrapped}" functions REGEX "^_Z")
    list(TRANSFORM functions PREPEND "LINKER:--wrap=")
    target_link_options(simulation_tests PRIVATE ${functions})
endif()
pesan_tests(integration LINKS pesan_cli TIMEOUT 300 SHARDS 2 COST 40 MARIADB)
pesan_tests(integration/real LINKS pesan_kafka pesan_metrics TIMEOUT 300 SHARDS 1 COST 45)
pesan_tests(e2e LINKS SQLite::SQLite3 zstd::libzstd_shared TIMEOUT 600 SHARDS 4 COST 100 MARIADB)
set(e2e_support hotel_data.cpp program.cpp stored.cpp)
list(TRANSFORM e2e_support PREPEND "${PROJECT_SOURCE_DIR}/tests/e2e/")
pesan_tests(e2e/real LINKS SQLite::SQLite3 zstd::libzstd_shared pesan_kafka ALSO ${e2e_support}
    TIMEOUT 600 SHARDS 1 COST 110
    MARIADB)
foreach(target e2e_tests e2e_real_tests)
    if(TARGET ${target} AND TARGET pesan)
        add_dependencies(${target} pesan)
    endif()
endforeach()

include(Chaos)
include(Fuzzers)

# In Python: the house rules (what no compiler checks; they name the file, the line and the
# replacement), and what starts and stops the servers of the stack.
function(pesan_python_test label name script)
    add_test(NAME ${label}.${name}
        COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/${script}"
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${label}.${name} PROPERTIES LABELS ${label} TIMEOUT 120)
endfunction()
pesan_python_test(architecture house_rules architecture/house_rules.py)
pesan_python_test(architecture house_rules_can_fail architecture/house_rules_test.py)
pesan_python_test(support servers_of_the_stack support/stack/server_test.py)

# What judges from elsewhere say of what pesan describes; skipped where they cannot be installed.
foreach(description openapi asyncapi)
    add_test(NAME judges.${description}
        COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/e2e/judges/descriptions.py"
            $<TARGET_FILE:pesan> ${description} "${PROJECT_BINARY_DIR}/judges/${description}")
    set_tests_properties(judges.${description} PROPERTIES
        LABELS judges TIMEOUT 600 SKIP_RETURN_CODE 77)
endforeach()

# Formatting is a test where the formatter is there; ./dev fmt and ./dev tidy bring it along.
find_program(PESAN_CLANG_FORMAT_PROGRAM clang-format-19)
mark_as_advanced(PESAN_CLANG_FORMAT_PROGRAM)
if(PESAN_CLANG_FORMAT_PROGRAM)
    add_test(NAME architecture.format COMMAND "${PROJECT_SOURCE_DIR}/dev" fmt --check)
    set_tests_properties(architecture.format PROPERTIES
        LABELS architecture TIMEOUT 120 ENVIRONMENT PESAN_NO_INSTALL=1)
endif()
