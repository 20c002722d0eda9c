// Threads of a call's own, for the plain C functions: where the caller has no pool to lend.
#ifndef UNSPOOL_THREADS_H_
#define UNSPOOL_THREADS_H_

#include "parallel.h"

#if !UNSPOOL_ONE_THREAD
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>
#endif

namespace unspool {

// A run's own threads: features take long enough that starting them does not show. The calling thread works too.
struct Threads {
  int64_t wanted;

#if UNSPOOL_ONE_THREAD
  static void run(void*, int64_t count, Task task, void* argument) { serial().run(nullptr, count, task, argument); }
#else
  static void run(void* self, int64_t count, Task task, void* argument) {
    int64_t wanted = static_cast<Threads*>(self)->wanted;
    if (wanted > count) wanted = count;
    std::atomic<int64_t> next{0};
    const auto work = [&] {
      for (int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) task(argument, i);
    };
    std::vector<std::thread> threads;
    try {
      for (int64_t i = 1; i < wanted; ++i) threads.emplace_back(work);
    } catch (const std::system_error&) {
      // Fewer threads than asked for do the same work.
    }
    work();
    for (std::thread& thread : threads) thread.join();
  }
#endif
};

}  // namespace unspool

#endif  // UNSPOOL_THREADS_H_
