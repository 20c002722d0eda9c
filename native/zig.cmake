# Zig's C++ compiler, from PyPI's `ziglang` or on the path: sets UNSPOOL_ZIG to its command, or to nothing. It compiles the kernels
# for pages, and for this machine where there is no other compiler. Included before `project`.
if(Python_EXECUTABLE)  # scikit-build-core sets it; otherwise it stays unset, for find_package to choose
  set(python "${Python_EXECUTABLE}")
else()
  find_program(python NAMES python3 python NO_CACHE)
endif()
set(UNSPOOL_ZIG "")
if(python)
  execute_process(COMMAND "${python}" -m ziglang version RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed EQUAL 0)
    set(UNSPOOL_ZIG "${python}" -m ziglang)
  endif()
endif()
find_program(UNSPOOL_ZIG_PROGRAM zig)
if(NOT UNSPOOL_ZIG AND UNSPOOL_ZIG_PROGRAM)
  set(UNSPOOL_ZIG "${UNSPOOL_ZIG_PROGRAM}")
endif()

# scikit-build-core asks for the compiler that Python was built with, which may not be here.
separate_arguments(asked NATIVE_COMMAND "$ENV{CXX}")
if(asked)
  list(GET asked 0 asked)
  find_program(found "${asked}" NO_CACHE)
  if(NOT found)
    unset(ENV{CXX})
  endif()
endif()

# Zig compiles for the processor that it runs on, unless it is told otherwise; the kernels' baseline is for all of its family.
find_program(UNSPOOL_CXX NAMES c++ g++ clang++ CC)
if(UNSPOOL_ZIG AND NOT UNSPOOL_CXX AND NOT CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  execute_process(COMMAND "${python}" -c "import platform; print(platform.libc_ver()[0], platform.machine())"
                  OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(target -mcpu=baseline)
  if(machine MATCHES "^glibc (x86_64|aarch64)$")
    set(target -target ${CMAKE_MATCH_1}-linux-gnu.2.28)
  endif()
  set(CMAKE_CXX_COMPILER ${UNSPOOL_ZIG} c++ ${target})
  set(CMAKE_SHARED_LINKER_FLAGS_INIT -s)  # Zig adds what debuggers read, ten times as much as the rest
  message(STATUS "There is no C++ compiler here: Zig's compiles the kernels")
endif()
