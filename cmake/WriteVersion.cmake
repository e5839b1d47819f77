# Run by the target pesan_version_header (cmake -P): writes OUTPUT from VERSION and the commit.
if(NOT COMMIT AND GIT)
    execute_process(COMMAND "${GIT}" --no-optional-locks rev-parse --short=12 HEAD
        WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE
        ERROR_QUIET)
    execute_process(COMMAND "${GIT}" --no-optional-locks diff --quiet HEAD --
        WORKING_DIRECTORY "${SOURCE_DIR}" RESULT_VARIABLE changed OUTPUT_QUIET ERROR_QUIET)
    if(COMMIT AND changed EQUAL 1)
        string(APPEND COMMIT "-dirty")
    endif()
endif()
if(NOT COMMIT)
    set(COMMIT "unknown")
endif()

set(text "// The version and commit of this program, written by the build. For any thread.
#pragma once

#define PESAN_VERSION \"${VERSION}\"
#define PESAN_COMMIT \"${COMMIT}\"
")
set(before "")
if(EXISTS "${OUTPUT}")
    file(READ "${OUTPUT}" before)
endif()
if(NOT before STREQUAL text)
    file(WRITE "${OUTPUT}" "${text}")
endif()
