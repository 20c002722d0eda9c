// Which build of the kernels this processor runs.
#ifndef UNSPOOL_DISPATCH_H_
#define UNSPOOL_DISPATCH_H_

#include <string.h>

#include "arima.h"
#include "attention.h"
#include "competing_kernels.h"
#include "convolution_features.h"
#include "dense.h"
#include "isa.h"
#include "output_loss.h"
#include "recurrent.h"
#include "residual.h"
#include "smoothing.h"
#include "word_maxima.h"

UNSPOOL_DECLARE_DENSE(baseline)

namespace unspool {

enum Cell : int64_t { RNN_TANH = 0, RNN_RELU = 1, LSTM = 2, GRU_AFTER = 3, GRU_BEFORE = 4, CELLS = 5 };

struct CellInfo {
  int64_t gates;      // columns per unit
  int64_t bias_rows;
  int64_t states;     // 2: there is a c
  int64_t saved;      // `saved` is (T, B, saved * padded_units(U))
};
const CellInfo& cell_info(int64_t cell);

struct Kernels {
  const char* isa;
  bool (*runs_here)();
  Project project[CELLS];
  Forward forward[CELLS];
  Backward backward[CELLS];
  ConvolutionFeatures convolution_features;
  CompetingKernels competing_kernels;
  decltype(&dense_baseline) dense;
  Smoothing smoothing;
  Arima arima;
  WordMaxima word_maxima;
  AddDropped add_dropped;
  OutputLoss output_loss;
  Attention attention;
  AttentionGradient attention_gradient;
};

// The sets that this processor runs, best first; ends with nullptr.
const Kernels* const* available();

// The set in use: the best, or the one named by UNSPOOL_ISA, or the one last chosen. Safe from any thread.
const Kernels& kernels();

// The entry for `set` in a table with one for each instruction set.
template <typename Entry>
const Entry& entry_of(const Entry* table, const Kernels& set) {
  while (strcmp(table->isa, set.isa) != 0) ++table;
  return *table;
}

// Chooses by name; false, and no change, where this processor or this build has no such set.
bool choose(const char* isa);

}  // namespace unspool

#endif  // UNSPOOL_DISPATCH_H_
