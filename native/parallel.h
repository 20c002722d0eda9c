// How kernels ask for threads, and where they take scratch memory from. Neither knows whose threads they are.
#ifndef UNSPOOL_PARALLEL_H_
#define UNSPOOL_PARALLEL_H_

#include <stddef.h>
#include <stdint.h>

#include <atomic>

// WebAssembly as browsers run it from a file: without threads.
#if defined(__wasm__)
#define UNSPOOL_ONE_THREAD 1
#else
#define UNSPOOL_ONE_THREAD 0
#endif

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

// Threads that go through many short stages together, where starting a run for each would cost more than the work. One
// leads; the others take tasks of its stages as they come, and are never waited for before they have taken one.
class Team {
 public:
  // Calls task(argument, i) once for each i < count, in any order, on any members, and returns when all have returned.
  // Only the leader calls it.
  void each(int64_t count, Task task, void* argument);

  template <typename F>
  void each(int64_t count, const F& f) {
    each(count, [](void* f, int64_t i) { (*static_cast<const F*>(f))(i); }, const_cast<F*>(&f));
  }

 private:
  friend void lead_team(const Parallel&, void (*)(void*, Team&), void*);
  bool take();
  void help();

  std::atomic<uint64_t> stage_{0};  // its number, and in the lower half how many of its tasks nobody has taken yet
  std::atomic<Task> task_{nullptr};
  std::atomic<void*> argument_{nullptr};
  std::atomic<int64_t> finished_{0};
  std::atomic<int> helpers_{0};
  std::atomic<bool> led_{false}, closed_{false};
};

// Calls lead(argument, team) once, on whichever thread comes first; other threads of `parallel` help it meanwhile.
void lead_team(const Parallel& parallel, void (*lead)(void* argument, Team& team), void* argument);

// A block of 64-byte aligned memory, not cleared, owned by the caller until given back on the same thread. A few blocks
// are kept per thread, since mapping fresh pages on every call costs more than the small kernels themselves.
// nullptr where there is no memory.
float* scratch_take(size_t floats);
void scratch_give(float* block);

}  // namespace unspool

#endif  // UNSPOOL_PARALLEL_H_
