// What the kernels need of the standard library, and WebAssembly has not: they throw where there is not enough memory. In a page
// that ends the call with a trap.
#include <stddef.h>

extern "C" {

void* __cxa_allocate_exception(size_t) { __builtin_trap(); }
void __cxa_throw(void*, void*, void (*)(void*)) { __builtin_trap(); }

}  // extern "C"
