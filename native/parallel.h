// How kernels ask for threads, and where they take scratch memory from. Neither knows whose threads they are.
#ifndef UNSPOOL_PARALLEL_H_
#define UNSPOOL_PARALLEL_H_

#include <stddef.h>
#include <stdint.h>

namespace unspool {

typedef void (*Task)(void* argument, int64_t index);

// run(pool, count, task, argument) calls task(argument, i) once for each i < count, in any order, on any threads, and
// returns when all have returned. What a task computes must depend on i alone, never on the thread.
struct Parallel {
  void* pool;
  void (*run)(void* pool, int64_t count, Task task, void* argument);
};

// One after the other on the calling thread.
Parallel serial();

// A block of 64-byte aligned memory, not cleared, owned by the caller until given back on the same thread. A few blocks
// are kept per thread, since mapping fresh pages on every call costs more than the small kernels themselves.
// nullptr where there is no memory.
float* scratch_take(size_t floats);
void scratch_give(float* block);

}  // namespace unspool

#endif  // UNSPOOL_PARALLEL_H_
