// What the kernels for pages use of the C++ library, from the sources that Zig comes with. Zig itself would first compile the
// whole library, for two minutes on one core.
#include "libcxx/src/memory.cpp"
#include "libcxx/src/new_handler.cpp"
#define LIBCXX_BUILDING_LIBCXXABI
#include "libcxx/src/new_helpers.cpp"
#include "libcxx/src/stdexcept.cpp"
#include "libcxxabi/src/abort_message.cpp"
#include "libcxxabi/src/cxa_virtual.cpp"
#include "libcxxabi/src/private_typeinfo.cpp"
#include "libcxxabi/src/stdlib_exception.cpp"
#include "libcxxabi/src/stdlib_new_delete.cpp"
#include "libcxxabi/src/stdlib_stdexcept.cpp"
#include "libcxxabi/src/stdlib_typeinfo.cpp"
