# tests/fuzz/<name>_fuzz.cpp defines LLVMFuzzerTestOneInput and becomes fuzz_<name>, with its
# committed inputs in tests/fuzz/corpus/<name>/ and the words of its language in <name>.dict. Under
# clang with PESAN_LIBFUZZER it is a libFuzzer program (./dev fuzz); else driver/standalone.cpp
# replays the corpus and random mutations of it, which is what CTest runs for a few seconds.
option(PESAN_LIBFUZZER "Link the fuzzers with libFuzzer (clang only)" OFF)
set(PESAN_FUZZ_TEST_SECONDS 10 CACHE STRING "How long CTest lets each fuzzer mutate its corpus")

add_custom_target(fuzzers)
file(GLOB fuzzers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
foreach(source IN LISTS fuzzers)
    cmake_path(GET source STEM name)
    string(REGEX REPLACE "_fuzz$" "" name "${name}")
    set(target fuzz_${name})
    add_executable(${target} "${source}")
    target_link_libraries(${target} PRIVATE pesan_engine pesan_projections pesan_build_settings)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
    add_dependencies(fuzzers ${target})
    if(PESAN_LIBFUZZER)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        continue()
    endif()
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/driver/standalone.cpp")
    add_test(NAME fuzz.${name} COMMAND ${target} --seconds ${PESAN_FUZZ_TEST_SECONDS}
        "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    set_tests_properties(fuzz.${name} PROPERTIES
        LABELS fuzz TIMEOUT 300 ENVIRONMENT "${PESAN_TEST_ENVIRONMENT}")
endforeach()
