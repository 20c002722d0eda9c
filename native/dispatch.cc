#include "dispatch.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "gru.h"
#include "lstm.h"
#include "rnn.h"

#define DECLARE(isa)                                                                      \
  UNSPOOL_DECLARE_LSTM(isa) UNSPOOL_DECLARE_RNN(isa) UNSPOOL_DECLARE_GRU(isa)             \
  UNSPOOL_DECLARE_CONVOLUTION_FEATURES(isa) UNSPOOL_DECLARE_COMPETING_KERNELS(isa)       \
  UNSPOOL_DECLARE_DENSE(isa) UNSPOOL_DECLARE_SMOOTHING(isa) UNSPOOL_DECLARE_ARIMA(isa) \
  UNSPOOL_DECLARE_WORD_MAXIMA(isa) UNSPOOL_DECLARE_ADD_DROPPED(isa) UNSPOOL_DECLARE_OUTPUT_LOSS(isa) \
  UNSPOOL_DECLARE_ATTENTION(isa)
UNSPOOL_FOR_EACH_ISA(DECLARE)

namespace unspool {
namespace {

#if defined(__x86_64__)
// What the processor has and the system keeps for each thread. Asked here, as __builtin_cpu_supports says no to everything in a
// library that Zig has linked.
struct Processor {
  bool avx2 = false, avx512 = false;

  Processor() {
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return;  // OSXSAVE
    const bool fma = c >> 12 & 1;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
    const unsigned features = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
    avx2 = fma && (low & 0x06) == 0x06 && (b >> 5 & 1);
    avx512 = avx2 && (low & 0xe6) == 0xe6 && (b & features) == features;
  }
};
bool runs_avx512() { return Processor().avx512; }
bool runs_avx2() { return Processor().avx2; }
#endif
bool runs_baseline() { return true; }

#define TABLE(isa)                                                                                               \
  {#isa, runs_##isa,                                                                                             \
   {rnn_tanh_project_##isa, rnn_relu_project_##isa, lstm_project_##isa, gru_after_project_##isa,                 \
    gru_before_project_##isa},                                                                                   \
   {rnn_tanh_forward_##isa, rnn_relu_forward_##isa, lstm_forward_##isa, gru_after_forward_##isa,                 \
    gru_before_forward_##isa},                                                                                   \
   {rnn_tanh_backward_##isa, rnn_relu_backward_##isa, lstm_backward_##isa, gru_after_backward_##isa,             \
    gru_before_backward_##isa},                                                                                  \
   convolution_features_##isa,                                                                                   \
   competing_kernels_##isa,                                                                                      \
   dense_##isa,                                                                                                  \
   smoothing_##isa,                                                                                              \
   arima_##isa,                                                                                                  \
   word_maxima_##isa,                                                                                            \
   add_dropped_##isa,                                                                                            \
   output_loss_##isa,                                                                                            \
   attention_##isa,                                                                                              \
   attention_gradient_##isa},
const Kernels tables[] = {UNSPOOL_FOR_EACH_ISA(TABLE)};
constexpr size_t TABLES = sizeof tables / sizeof tables[0];

struct Found {
  const Kernels* list[TABLES + 1] = {};
  std::atomic<const Kernels*> chosen;

  Found() {
    size_t count = 0;
    for (const Kernels& table : tables) {
      if (table.runs_here()) list[count++] = &table;
    }
    chosen = list[0];
#if !defined(__wasm__)  // a page has no environment
    if (const char* wanted = std::getenv("UNSPOOL_ISA")) select(wanted);
#endif
  }
  bool select(const char* isa) {
    for (size_t i = 0; list[i]; ++i) {
      if (std::strcmp(list[i]->isa, isa) == 0) {
        chosen = list[i];
        return true;
      }
    }
    return false;
  }
};

Found& found() {
  static Found instance;
  return instance;
}

const CellInfo CELL_INFO[CELLS] = {
    {RNN_GATES, 1, 1, RNN_SAVED},         {RNN_GATES, 1, 1, RNN_SAVED},
    {LSTM_GATES, 1, 2, LSTM_SAVED},       {GRU_GATES, 2, 1, GRU_AFTER_SAVED},
    {GRU_GATES, 1, 1, GRU_BEFORE_SAVED},
};

}  // namespace

const CellInfo& cell_info(int64_t cell) { return CELL_INFO[cell]; }
const Kernels* const* available() { return found().list; }
const Kernels& kernels() { return *found().chosen.load(); }
bool choose(const char* isa) { return found().select(isa); }

}  // namespace unspool
