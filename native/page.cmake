# The kernels as WebAssembly, which `unspool export --html` writes into pages: one thread, vectors of 128 bits. Where Zig is missing
# or fails, everything else is built all the same, and no page can be written.
set(UNSPOOL_PAGE_EXPORTS
    network recurrent convolution_features competing_kernels smoothing arima convolution_outputs vectors_infer
    transformer_new transformer_free transformer_search transformer_attention
    encoder_decoder_new encoder_decoder_free encoder_decoder_search encoder_decoder_attention)
list(TRANSFORM UNSPOOL_PAGE_EXPORTS PREPEND -Wl,--export=unspool_)
set(UNSPOOL_PAGE_FLAGS
    -target wasm32-wasi -mexec-model=reactor -std=c++17 -O3 -msimd128 -DNDEBUG -DUNSPOOL_ISA=baseline -DUNSPOOL_INFERENCE
    -fvisibility=hidden -ffp-contract=off -fno-rtti -Wno-psabi
    -s -Wl,--no-entry -Wl,--export=malloc -Wl,--export=free ${UNSPOOL_PAGE_EXPORTS})

if(NOT UNSPOOL_ZIG)
  message(WARNING "Pages need the kernels as WebAssembly; `pip install ziglang` brings the compiler.")
  return()
endif()
set(sources ${UNSPOOL_KERNELS} ${UNSPOOL_CORE} ${UNSPOOL_TEXTS} ${native}/page.cc)
set(wasm "${CMAKE_BINARY_DIR}/kernels.wasm")
file(GLOB read CONFIGURE_DEPENDS ${native}/*.h ${native}/*.inc)
# Zig keeps what it has compiled, so one command is all.
add_custom_command(
  OUTPUT ${wasm}
  COMMAND ${UNSPOOL_ZIG} c++ ${UNSPOOL_PAGE_FLAGS} ${sources} -o ${wasm} || ${CMAKE_COMMAND} -E rm -f ${wasm}
  DEPENDS ${sources} ${read} ${CMAKE_CURRENT_LIST_FILE}
  COMMENT "Compiling the kernels for pages" VERBATIM)
add_custom_target(page ALL DEPENDS ${wasm})
install(FILES ${wasm} DESTINATION unspool/export/page OPTIONAL)
