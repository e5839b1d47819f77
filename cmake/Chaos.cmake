# Chaos: real processes on a stack of their own with three brokers, under faults, judged by the
# auditor; and pesan_canary, the program that can be told to stop at a point of a transaction, and
# with mutants, which the same runs must find wrong.
file(GLOB chaos_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/e2e/chaos/*.cpp")
add_executable(chaos ${chaos_sources} ${e2e_support})
target_link_libraries(chaos PRIVATE pesan_test_support pesan_kafka pesan_mysql SQLite::SQLite3
    zstd::libzstd_shared
    pesan_test_settings)
target_compile_definitions(chaos
    PRIVATE "PESAN_CANARY=\"${PROJECT_BINARY_DIR}/tests/pesan_canary\"")
add_executable(pesan_canary adapters/cli/main.cpp tests/e2e/mutants/mutants.cpp
    tests/e2e/mutants/stopping_points.cpp)
target_link_libraries(pesan_canary PRIVATE pesan_cli pesan_build_settings)
set(wrapped "${PROJECT_SOURCE_DIR}/tests/e2e/mutants/mutants.wrap")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${wrapped}")
file(STRINGS "${wrapped}" functions REGEX "^(_Z|rd_)")
list(TRANSFORM functions PREPEND "LINKER:--wrap=")
target_link_options(pesan_canary PRIVATE ${functions})
set_target_properties(chaos pesan_canary PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
add_dependencies(chaos pesan pesan_canary)

# Its servers are a stack of their own, which the tests hurt one after the other. Sanitizers are
# slow: fewer commands then.
set(chaos_stack "chaos-${preset_folder}")
set(chaos_rate 100)
if(PESAN_SANITIZE)
    set(chaos_rate 25)
endif()
function(pesan_chaos_stack name)
    add_test(NAME stack.${name} COMMAND "${PROJECT_SOURCE_DIR}/dev" stack ${ARGN}
        --name "${chaos_stack}")
    set_tests_properties(stack.${name} PROPERTIES LABELS stack TIMEOUT 600
        ENVIRONMENT "PESAN_KAFKA_PORT=0;PESAN_MARIADB_PORT=0")
endfunction()
pesan_chaos_stack(chaos_wipe down --wipe)  # what a run left that was killed
pesan_chaos_stack(chaos_up up --brokers 3)
pesan_chaos_stack(chaos_down down --wipe)
set_tests_properties(stack.chaos_wipe PROPERTIES FIXTURES_SETUP no_chaos_stack)
set_tests_properties(stack.chaos_up PROPERTIES
    FIXTURES_SETUP chaos_stack FIXTURES_REQUIRED no_chaos_stack)
set_tests_properties(stack.chaos_down PROPERTIES FIXTURES_CLEANUP chaos_stack)

function(pesan_chaos_test name)
    add_test(NAME chaos.${name} COMMAND ${ARGN} WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
    math(EXPR timeout "400 * ${PESAN_TIMEOUT_FACTOR}")
    set_tests_properties(chaos.${name} PROPERTIES LABELS e2e_chaos TIMEOUT ${timeout} COST 200
        FIXTURES_REQUIRED chaos_stack RESOURCE_LOCK chaos_stack
        ENVIRONMENT "PESAN_TEST_CHAOS_STACK=${chaos_stack};${PESAN_TEST_ENVIRONMENT}")
endfunction()
set(chaos_run chaos --stack "${chaos_stack}" --rate ${chaos_rate} --seed 1)
pesan_chaos_test(a_minute_of_faults ${chaos_run} --seconds 60)
# The quick ones, which end when they are caught; ./dev chaos --canaries has all.
foreach(canary offsets_outside_transaction swap_in_two_steps)
    pesan_chaos_test(catches_${canary} ${chaos_run} --seconds 180 --caught ${canary})
endforeach()

# Backups that are put back: the servers' data folders, one without the other.
add_executable(restored_tests tests/e2e/chaos/restored/restored_test.cpp
    tests/e2e/chaos/servers.cpp tests/e2e/chaos/topics.cpp ${e2e_support})
target_link_libraries(restored_tests PRIVATE pesan_test_support pesan_kafka SQLite::SQLite3
    zstd::libzstd_shared pesan_test_settings GTest::gtest_main)
set_target_properties(restored_tests PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
add_dependencies(restored_tests pesan)
pesan_chaos_test(restored restored_tests)
set_property(TEST chaos.restored APPEND PROPERTY
    ENVIRONMENT "GTEST_OUTPUT=xml:${PESAN_TEST_RESULTS}/chaos.restored.xml")
