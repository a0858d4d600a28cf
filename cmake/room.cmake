# house: the one target that carries the flags of every room.
add_library(house INTERFACE)
target_include_directories(house INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(house INTERFACE _GNU_SOURCE REHEARSE_VERSION="${PROJECT_VERSION}")
target_compile_options(house INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -Wformat=2 -Wvla -Wcast-qual -Wundef -Wswitch-enum)
target_link_libraries(house INTERFACE Threads::Threads)

option(REHEARSE_WERROR "Treat warnings as errors" ON)
if(REHEARSE_WERROR)
  target_compile_options(house INTERFACE -Werror)
endif()

set(REHEARSE_SANITIZE "" CACHE STRING "Value of -fsanitize= for every room, empty for none")
if(REHEARSE_SANITIZE)
  target_compile_options(house INTERFACE -fsanitize=${REHEARSE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(house INTERFACE -fsanitize=${REHEARSE_SANITIZE})
endif()

# room(NAME FILES a.c b.c NEEDS room… PRIVATE lib…): one static library per room.
function(room NAME)
  cmake_parse_arguments(R "" "" "FILES;NEEDS;PRIVATE" ${ARGN})
  add_library(${NAME} STATIC ${R_FILES})
  target_link_libraries(${NAME} PUBLIC house ${R_NEEDS} PRIVATE ${R_PRIVATE})
endfunction()
