#include "parallel.h"

#include <cstdlib>

namespace unspool {
namespace {

constexpr size_t HEADER = 64;               // bytes in front of a block, that hold its size; keep the alignment
constexpr size_t KEEP_BYTES = 64u << 20;    // larger blocks are returned to the system at once
constexpr int KEPT = 4;

struct Cache {
  void* blocks[KEPT] = {};
  ~Cache() {
    for (void* block : blocks) std::free(block);
  }
};

thread_local Cache cache;

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
    block = std::aligned_alloc(64, HEADER + rounded);
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
  std::free(block);
}

Parallel serial() {
  return {nullptr, [](void*, int64_t count, Task task, void* argument) {
            for (int64_t i = 0; i < count; ++i) task(argument, i);
          }};
}

}  // namespace unspool
