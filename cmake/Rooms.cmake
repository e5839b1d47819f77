# pesan_room(<target> FOLDER <folder> [EXCEPT <file>...] [LINKS <target>...])
# A library of every .cpp below a folder. Without any it is an INTERFACE library, so that a
# target that links the room need not know whether it holds more than headers.
function(pesan_room target)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "FOLDER" "EXCEPT;LINKS")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
        "${PROJECT_SOURCE_DIR}/${room_FOLDER}/*.cpp")
    list(REMOVE_ITEM sources ${room_EXCEPT})
    if(sources)
        add_library(${target} STATIC ${sources})
        target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
        target_link_libraries(${target} PUBLIC ${room_LINKS} PRIVATE pesan_build_settings)
    else()
        add_library(${target} INTERFACE)
        target_include_directories(${target} INTERFACE "${PROJECT_SOURCE_DIR}")
        target_link_libraries(${target} INTERFACE ${room_LINKS})
    endif()
endfunction()
