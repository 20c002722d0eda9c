// What every call from XLA needs: the types of its arrays, its thread pool as a kernel's, and checks of shapes.
#ifndef UNSPOOL_XLA_CALL_H_
#define UNSPOOL_XLA_CALL_H_

#include <initializer_list>
#include <string>

#include "parallel.h"
#include "xla/ffi/api/ffi.h"

namespace unspool {

namespace ffi = xla::ffi;
typedef ffi::Buffer<ffi::F32> F32;
typedef ffi::Buffer<ffi::S32> Tokens;
typedef ffi::Buffer<ffi::PRED> Mask;
typedef ffi::Result<F32> Out;

// Runs a task `count` times on XLA's pool, an `ffi::ThreadPool`, and returns when all have been run.
void run_on_pool(void* pool, int64_t count, Task task, void* argument);

std::string text(ffi::Span<const int64_t> dims);

// Collects the first thing that is wrong with the shapes.
struct Check {
  std::string wrong;

  template <typename Array>
  void shape(const char* name, const Array& array, std::initializer_list<int64_t> expected) {
    const auto dims = array.dimensions();
    bool same = dims.size() == expected.size();
    for (size_t i = 0; same && i < expected.size(); ++i) same = dims[i] == expected.begin()[i];
    if (same || !wrong.empty()) return;
    wrong = std::string(name) + " has shape " + text(dims) + ", expected " +
            text(ffi::Span<const int64_t>(expected.begin(), expected.size()));
  }
  ffi::Error error() const { return ffi::Error::InvalidArgument("unspool: " + wrong); }
};

inline ffi::Error no_memory(const char* what) {
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, std::string("unspool: no memory for ") + what);
}

}  // namespace unspool

#endif  // UNSPOOL_XLA_CALL_H_
