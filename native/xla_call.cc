// XLA's thread pool as a kernel's, and the number of threads that a call may use.
#include "xla_call.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "exported.h"

namespace unspool {
namespace {

std::atomic<int64_t> thread_limit{0};  // 0: as many as XLA's pool has

// One run over XLA's own pool. The calling thread may itself be one of the pool's, so it must not wait for a task that is
// still queued (there might be no thread left to start it): it takes work like the helpers, then closes the run and waits
// only for helpers that are inside a task. A helper that starts later finds the run closed and leaves; the shared state
// lives until the last of them has.
struct Run {
  Task task;
  void* argument;
  int64_t count;
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  std::condition_variable left;
  int inside = 0;
  bool closed = false;

  void work() {
    for (int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) task(argument, i);
  }
  void help() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (closed) return;
      ++inside;
    }
    work();
    std::lock_guard<std::mutex> lock(mutex);
    if (--inside == 0) left.notify_one();
  }
  void finish() {
    std::unique_lock<std::mutex> lock(mutex);
    closed = true;
    left.wait(lock, [this] { return inside == 0; });
  }
};

}  // namespace

void run_on_pool(void* pool, int64_t count, Task task, void* argument) {
  ffi::ThreadPool& threads = *static_cast<ffi::ThreadPool*>(pool);
  const int64_t limit = thread_limit.load();
  int64_t wanted = limit > 0 ? limit : threads.num_threads();
  if (wanted > count) wanted = count;
  if (wanted <= 1) {
    for (int64_t i = 0; i < count; ++i) task(argument, i);
    return;
  }
  auto run = std::make_shared<Run>();
  run->task = task;
  run->argument = argument;
  run->count = count;
  for (int64_t i = 1; i < wanted; ++i) threads.Schedule([run] { run->help(); });
  run->work();
  run->finish();
}

std::string text(ffi::Span<const int64_t> dims) {
  std::string out = "(";
  for (int64_t d : dims) out += (out.size() > 1 ? ", " : "") + std::to_string(d);
  return out + ")";
}

// At most this many threads for one call; 0: as many as XLA's pool has.
UNSPOOL_EXPORT void unspool_set_threads(int64_t limit) { thread_limit = limit < 0 ? 0 : limit; }
UNSPOOL_EXPORT int64_t unspool_threads() { return thread_limit; }

// Python checks that it talks to the library it was written for.
UNSPOOL_EXPORT int64_t unspool_abi() { return 8; }

}  // namespace unspool
