# The kernels as object libraries, for the trainer's library and for the runtime's: sets `kernel_objects`, and makes the
# libraries `core` (threads, dispatch, the plain C functions over series and recurrent cells) and `texts`.
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(UNSPOOL_SANITIZE "" CACHE STRING "Sanitizers for the kernels' own tests: address,undefined or thread")

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  message(FATAL_ERROR "The kernels need GCC or Clang (vector extensions); found ${CMAKE_CXX_COMPILER_ID}.")
endif()
if(UNSPOOL_SANITIZE)
  add_compile_options(-fsanitize=${UNSPOOL_SANITIZE} -fno-omit-frame-pointer -g -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${UNSPOOL_SANITIZE})
  set(UNSPOOL_OPTIMIZE -O1)  # at -O3 the instrumented kernels take many minutes to compile
else()
  set(UNSPOOL_OPTIMIZE -O3)
endif()

# Instruction sets, best first. `baseline` is what every processor of the family has.
set(UNSPOOL_ISAS baseline)
set(UNSPOOL_FLAGS_baseline "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
  set(UNSPOOL_ISAS avx512 avx2 baseline)
  set(UNSPOOL_FLAGS_avx2 -mavx2 -mfma)
  set(UNSPOOL_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mprefer-vector-width=512)
endif()

option(UNSPOOL_INFERENCE "Leave out the recurrent cells' backward passes" OFF)
set(native ${CMAKE_CURRENT_LIST_DIR})
set(kernel_objects "")
# A kernel is compiled for each instruction set, the others once.
function(unspool_sources variable)
  list(TRANSFORM ARGN PREPEND ${native}/)
  list(TRANSFORM ARGN APPEND .cc)
  set(${variable} ${ARGN} PARENT_SCOPE)
endfunction()
unspool_sources(UNSPOOL_KERNELS rnn lstm gru convolution_features competing_kernels dense word_convolution word_maxima
                document_vectors smoothing arima transformer encoder_decoder residual output_loss
                attention)
unspool_sources(UNSPOOL_CORE parallel dispatch features_api recurrent_api transformer_search encoder_decoder_search)
unspool_sources(UNSPOOL_TEXTS lexicon ngrams dual_descent texts rounded network)
foreach(isa IN LISTS UNSPOOL_ISAS)
  add_library(kernels_${isa} OBJECT ${UNSPOOL_KERNELS})
  # -O3 whatever the build type; vectors are passed to inlined functions only, so their calling convention is moot.
  target_compile_options(kernels_${isa} PRIVATE ${UNSPOOL_OPTIMIZE} -ffp-contract=off -Wall -Wextra -Wno-psabi ${UNSPOOL_FLAGS_${isa}})
  target_compile_definitions(kernels_${isa} PRIVATE UNSPOOL_ISA=${isa} $<$<BOOL:${UNSPOOL_INFERENCE}>:UNSPOOL_INFERENCE>)
  list(APPEND kernel_objects $<TARGET_OBJECTS:kernels_${isa}>)
endforeach()

add_library(core OBJECT ${UNSPOOL_CORE})
target_compile_options(core PRIVATE -O2 -Wall -Wextra)

find_package(Threads REQUIRED)
# What reads texts, and whole networks: plain C functions for Python's ctypes, which need neither XLA nor an instruction set.
add_library(texts OBJECT ${UNSPOOL_TEXTS})
target_compile_options(texts PRIVATE ${UNSPOOL_OPTIMIZE} -ffp-contract=off -Wall -Wextra)
