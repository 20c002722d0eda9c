#include "parallel.h"

#include <new>
#if !UNSPOOL_ONE_THREAD
#include <thread>
#endif

namespace unspool {
namespace {

constexpr size_t HEADER = 64;               // bytes in front of a block, that hold its size; keep the alignment
constexpr size_t KEEP_BYTES = 64u << 20;    // larger blocks are returned to the system at once
constexpr int KEPT = 4;

// C's aligned_alloc is not everywhere (Windows); C++'s operators are.
constexpr std::align_val_t ALIGNMENT{64};

void* allocate(size_t bytes) { return ::operator new(bytes, ALIGNMENT, std::nothrow); }
void release(void* block) { ::operator delete(block, ALIGNMENT); }

struct Cache {
  void* blocks[KEPT] = {};
  ~Cache() {
    for (void* block : blocks) release(block);
  }
};

#if UNSPOOL_ONE_THREAD
Cache cache;
#else
thread_local Cache cache;
#endif

constexpr int64_t MEMBERS = 8;   // of a team, at most
constexpr int PATIENCE = 10000;  // looks before a waiting thread lets others have its processor

// Waits a moment, the `looks`-th time.
void pause(int looks) {
#if !UNSPOOL_ONE_THREAD
  if (looks > PATIENCE) {
    std::this_thread::yield();
    return;
  }
#endif
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

size_t& size_of(void* block) { return *static_cast<size_t*>(block); }

}  // namespace

float* scratch_take(size_t floats) {
  const size_t bytes = floats * sizeof(float);
  void** best = nullptr;
  for (void*& kept : cache.blocks) {
    if (kept && size_of(kept) >= bytes && (!best || size_of(kept) < size_of(*best))) best = &kept;
  }
  void* block = nullptr;
  if (best) {
    block = *best;
    *best = nullptr;
  } else {
    const size_t rounded = (bytes + 63) / 64 * 64;
    block = allocate(HEADER + rounded);
    if (!block) return nullptr;
    size_of(block) = rounded;
  }
  return reinterpret_cast<float*>(static_cast<char*>(block) + HEADER);
}

void scratch_give(float* pointer) {
  if (!pointer) return;
  void* block = reinterpret_cast<char*>(pointer) - HEADER;
  if (size_of(block) <= KEEP_BYTES) {
    void** smallest = &cache.blocks[0];
    for (void*& kept : cache.blocks) {
      if (!kept) {
        kept = block;
        return;
      }
      if (size_of(kept) < size_of(*smallest)) smallest = &kept;
    }
    if (size_of(*smallest) < size_of(block)) {
      void* dropped = *smallest;
      *smallest = block;
      block = dropped;
    }
  }
  release(block);
}

Parallel serial() {
  return {nullptr, [](void*, int64_t count, Task task, void* argument) {
            for (int64_t i = 0; i < count; ++i) task(argument, i);
          }};
}

// A stage's number and what is left of it change together, so a task that was taken belongs to the stage whose task and
// argument were read: the leader replaces them only when all tasks of a stage have returned.
bool Team::take() {
  uint64_t stage = stage_.load(std::memory_order_acquire);
  const int64_t left = static_cast<int64_t>(stage & 0xffffffffu);
  if (left == 0) return false;
  const Task task = task_.load(std::memory_order_relaxed);
  void* argument = argument_.load(std::memory_order_relaxed);
  if (stage_.compare_exchange_strong(stage, stage - 1, std::memory_order_acq_rel)) {
    task(argument, left - 1);
    finished_.fetch_add(1, std::memory_order_release);
  }
  return true;
}

void Team::each(int64_t count, Task task, void* argument) {
  if (helpers_.load(std::memory_order_relaxed) == 0) {
    for (int64_t i = 0; i < count; ++i) task(argument, i);
    return;
  }
  task_.store(task, std::memory_order_relaxed);
  argument_.store(argument, std::memory_order_relaxed);
  finished_.store(0, std::memory_order_relaxed);
  const uint64_t number = (stage_.load(std::memory_order_relaxed) >> 32) + 1;
  stage_.store(number << 32 | static_cast<uint64_t>(count), std::memory_order_release);
  while (take()) {
  }
  for (int looks = 0; finished_.load(std::memory_order_acquire) != count;) pause(looks <= PATIENCE ? looks++ : looks);
}

void Team::help() {
  helpers_.fetch_add(1, std::memory_order_relaxed);
  for (int looks = 0; !closed_.load(std::memory_order_acquire);) {
    if (take()) {
      looks = 0;
    } else {
      pause(looks <= PATIENCE ? looks++ : looks);
    }
  }
}

void lead_team(const Parallel& parallel, void (*lead)(void*, Team&), void* argument) {
  struct Led {
    void (*lead)(void*, Team&);
    void* argument;
    Team team;
  } led{lead, argument, {}};
  parallel.run(
      parallel.pool, MEMBERS,
      [](void* pointer, int64_t) {
        Led& led = *static_cast<Led*>(pointer);
        if (led.team.led_.exchange(true)) return led.team.help();
        led.lead(led.argument, led.team);
        led.team.closed_.store(true, std::memory_order_release);
      },
      &led);
}

}  // namespace unspool
