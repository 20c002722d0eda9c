# The kernels as WebAssembly, which `unspool export --html` writes into pages: one thread, vectors of 128 bits. Where Zig is missing
# or fails, everything else is built all the same, and no page can be written.
set(UNSPOOL_PAGE_EXPORTS
    network recurrent convolution_features competing_kernels smoothing arima convolution_outputs vectors_infer
    transformer_new transformer_free transformer_search transformer_attention
    encoder_decoder_new encoder_decoder_free encoder_decoder_search encoder_decoder_attention)
list(TRANSFORM UNSPOOL_PAGE_EXPORTS PREPEND -Wl,--export=unspool_)
set(UNSPOOL_PAGE_TARGET -target wasm32-wasi -mexec-model=reactor -s)
set(UNSPOOL_PAGE_FLAGS
    -std=c++17 -O3 -msimd128 -DNDEBUG -DUNSPOOL_ISA=baseline -DUNSPOOL_INFERENCE -fvisibility=hidden -ffp-contract=off -fno-rtti
    -Wno-psabi)
set(UNSPOOL_PAGE_LINK_FLAGS -Wl,--no-entry -Wl,--export=malloc -Wl,--export=free ${UNSPOOL_PAGE_EXPORTS})

if(NOT UNSPOOL_ZIG)
  message(WARNING "Pages need the kernels as WebAssembly; `pip install ziglang` brings the compiler.")
  return()
endif()
set(wasm "${CMAKE_BINARY_DIR}/kernels.wasm")
set(folder "${CMAKE_BINARY_DIR}/page")
file(GLOB read CONFIGURE_DEPENDS ${native}/*.h ${native}/*.inc)
# Zig's sources of its C++ library, of which pages need little; see page_library.cc. Linking them right away,
# without the kernels, makes Zig compile its C library in parallel. As all else here waits for it, Ninja begins with it.
execute_process(COMMAND ${UNSPOOL_ZIG} env WORKING_DIRECTORY "${CMAKE_BINARY_DIR}" OUTPUT_VARIABLE environment ERROR_QUIET)
string(REGEX MATCH "lib_dir[ =:\"]+([^\"]+)" matched "${environment}")
string(REPLACE "\\\\" "/" sources "${CMAKE_MATCH_1}")
get_filename_component(sources "${sources}" ABSOLUTE BASE_DIR "${CMAKE_BINARY_DIR}")
set(library "${folder}/page_library.o")
add_custom_command(
  OUTPUT ${library}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
  COMMAND ${UNSPOOL_ZIG} c++ ${UNSPOOL_PAGE_TARGET} -std=c++23 -Os -fvisibility=hidden -D_LIBCPP_BUILDING_LIBRARY
          -D_LIBCXXABI_BUILDING_LIBRARY -D_LIBCXXABI_HAS_NO_THREADS -I${sources}/libcxxabi/include -I${sources}/libcxx/src
          -I${sources} -c ${native}/page_library.cc -o ${library} ||
          ${CMAKE_COMMAND} -E rm -f ${library}
  COMMAND ${UNSPOOL_ZIG} c++ ${UNSPOOL_PAGE_TARGET} -nostdlib++ -Wl,--no-entry ${library} -o ${folder}/library.wasm ||
          ${CMAKE_COMMAND} -E true
  DEPENDS ${native}/page_library.cc ${CMAKE_CURRENT_LIST_FILE}
  COMMENT "Compiling what pages need of Zig's C++ library" VERBATIM)
# Each source by a command of its own, so that all cores compile them. What fails leaves no object, so that nothing is linked.
foreach(source IN LISTS UNSPOOL_KERNELS UNSPOOL_CORE UNSPOOL_TEXTS ITEMS ${native}/page.cc)
  get_filename_component(name ${source} NAME_WE)
  set(object "${folder}/${name}.o")
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${UNSPOOL_ZIG} c++ ${UNSPOOL_PAGE_TARGET} ${UNSPOOL_PAGE_FLAGS} -c ${source} -o ${object} ||
            ${CMAKE_COMMAND} -E rm -f ${object}
    DEPENDS ${source} ${read} ${CMAKE_CURRENT_LIST_FILE} ${library}
    COMMENT "Compiling ${name} for pages" VERBATIM)
  list(APPEND objects ${object})
endforeach()
# Another version of Zig may have other sources: then the whole library is compiled.
set(link ${UNSPOOL_ZIG} c++ ${UNSPOOL_PAGE_TARGET} ${UNSPOOL_PAGE_LINK_FLAGS} ${objects})
add_custom_command(
  OUTPUT ${wasm}
  COMMAND ${link} -nostdlib++ ${library} -o ${wasm} || ${link} -o ${wasm} || ${CMAKE_COMMAND} -E rm -f ${wasm}
  DEPENDS ${objects} ${library}
  COMMENT "Linking the kernels for pages" VERBATIM)
add_custom_target(page ALL DEPENDS ${wasm})
install(FILES ${wasm} DESTINATION unspool/export/page OPTIONAL)
