// What the kernels' own tests share. Each test file is a program of its own.
#ifndef UNSPOOL_TESTS_EXPECT_H_
#define UNSPOOL_TESTS_EXPECT_H_

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "parallel.h"

namespace {

int failures = 0;

inline void expect(bool right, const std::string& what) {
  if (right) return;
  ++failures;
  std::printf("FAILED: %s\n", what.c_str());
}

// Starts its own threads, so that the thread sanitizer sees real ones.
struct Threads {
  int64_t count;
  static void run(void* self, int64_t tasks, unspool::Task task, void* argument) {
    std::atomic<int64_t> next{0};
    const auto work = [&] {
      for (int64_t i = next++; i < tasks; i = next++) task(argument, i);
    };
    std::vector<std::thread> threads;
    for (int64_t i = 1; i < static_cast<Threads*>(self)->count; ++i) threads.emplace_back(work);
    work();
    for (auto& thread : threads) thread.join();
  }
};

}  // namespace

#endif  // UNSPOOL_TESTS_EXPECT_H_
