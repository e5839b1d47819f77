# How everything of ours is compiled: the standard, the warnings, the sanitizers, the quick tools.
# Our own targets link pesan_build_settings; what we take from others is never compiled with it.
option(PESAN_WERROR "Warnings are errors" ON)
option(PESAN_BENCH "Build bench/" ON)
option(PESAN_CCACHE "Compile through ccache where it is installed" ON)
set(PESAN_SANITIZE "" CACHE STRING "As -fsanitize= takes it: address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# NDEBUG is never defined: an assertion that is off in production guards nothing.
set(optimise -O3)
if(PESAN_SANITIZE)
    set(optimise -O1)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "${optimise} -g1")
set(CMAKE_CXX_FLAGS_RELEASE "${optimise} -g1")

add_library(pesan_build_settings INTERFACE)
target_compile_options(pesan_build_settings INTERFACE -Wall -Wextra -Wshadow -Wconversion)
# Designated initialisers are the house's named parameters: what is not named has its default.
target_compile_options(pesan_build_settings INTERFACE -Wno-missing-field-initializers)
if(PESAN_WERROR)
    target_compile_options(pesan_build_settings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These follow what the optimiser happens to see through, and each release of GCC is wrong about
    # another std::string or std::vector (12: bug 105651; 14: appending to a vector by a fold
    # expression). The sanitizers look for the same where it happens.
    target_compile_options(pesan_build_settings INTERFACE
        -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()

if(PESAN_SANITIZE)
    # Applied to every target, so that test and engine code agree on what is instrumented.
    add_compile_options(-fsanitize=${PESAN_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${PESAN_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The instrumentation hides from the optimiser what these need to know.
        target_compile_options(pesan_build_settings INTERFACE -Wno-maybe-uninitialized)
        if(PESAN_SANITIZE MATCHES "thread")
            # Asio's fences, which ThreadSanitizer does not follow.
            target_compile_options(pesan_build_settings INTERFACE -Wno-tsan)
        endif()
    endif()
    if(PESAN_SANITIZE MATCHES "address")
        add_compile_definitions(_GLIBCXX_ASSERTIONS)
    endif()
endif()

if(PESAN_CCACHE)
    find_program(PESAN_CCACHE_PROGRAM ccache)
    mark_as_advanced(PESAN_CCACHE_PROGRAM)
    if(PESAN_CCACHE_PROGRAM)
        # Paths below the source folder are relative to ccache, so that two clones share one cache.
        set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env"
            "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
            CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
            "${PESAN_CCACHE_PROGRAM}")
    endif()
endif()

find_program(PESAN_MOLD_PROGRAM mold)
mark_as_advanced(PESAN_MOLD_PROGRAM)
if(PESAN_MOLD_PROGRAM)
    add_link_options(-fuse-ld=mold)
endif()
