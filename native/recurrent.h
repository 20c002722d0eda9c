// What every recurrent kernel is given and gives back: the contract that rnn.h, lstm.h and gru.h fill in.
//
// All numbers are float32, all arrays row-major and dense, and all are the caller's: kernels keep no pointer after they
// return. No output may overlap an input or another output. Outputs need not be cleared: every element is written.
//
// B rows (batch), T steps, D numbers a step (width), U units; G gates, so kernels have G*U columns, gate by gate.
// Step s of the processing order is x[:, s] or, with `reverse`, x[:, T-1-s]; `y`, `dy` and `saved` are in processing
// order, which is what Keras calls go_backwards.
//
// A forward pass that saves nothing also takes tokens of a vocabulary, with the embedding that gives each its vector, or
// with a table of what each adds to the gates: without gradients a token means the same wherever it stands, and one
// product over the vocabulary takes the place of one over all steps. All three ways give the same bits.
#ifndef UNSPOOL_RECURRENT_H_
#define UNSPOOL_RECURRENT_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

struct Shape {
  int64_t batch = 0, length = 0, width = 0, units = 0;
  bool reverse = false;
  // A masked step (mask == 0) carries the state on; its output is the previous output, or 0 with `zero_masked`.
  bool zero_masked = false;
  // x and dx are (B, 1, D): the same input at every step, projected once.
  bool constant = false;
  int64_t vocabulary = 0;  // of `tokens`
};

struct Inputs {
  const float* x;           // (B, T, D); with `tokens` the embedding, (vocabulary, D)
  const uint8_t* mask;      // (B, T), 0 or 1, time in the order of x, not of processing; nullptr: nothing is masked
  const float* h0;          // (B, U), or nullptr: zeros (forward only)
  const float* c0;          // (B, U), cells with a second state; else nullptr
  const float* kernel;      // (D, G*U)
  const float* recurrent;   // (U, G*U)
  const float* bias;        // (G*U), GRU with reset_after: (2, G*U)
  // (B, T), time in the order of x; -1 is the last of the vocabulary, as in Python, and what it lacks means NaN.
  const int32_t* tokens = nullptr;
  const float* table = nullptr;  // (vocabulary, table_width), from Project; with it, neither x nor kernel is read
};

struct Outputs {
  float* y;      // (B, T, U), or nullptr where only the state is wanted
  float* h;      // (B, U), the state after the last step
  float* c;      // (B, U), or nullptr
  float* saved;  // (T, B, saved_width(U)), what the backward pass reads; nullptr where no gradient is wanted
};

// Gradients of the outputs; any may be nullptr, which means zero.
struct OutputGradients {
  const float* dy;  // (B, T, U)
  const float* dh;  // (B, U)
  const float* dc;  // (B, U)
};

struct InputGradients {
  float* x;          // as the inputs; nullptr where not wanted
  float* h0;
  float* c0;         // nullptr for cells with one state
  float* kernel;
  float* recurrent;
  float* bias;
};

// All return false where there is not enough memory, and then have written nothing that may be used.
typedef bool (*Forward)(const Shape&, const Inputs&, const Outputs&, const Parallel&);
typedef bool (*Backward)(const Shape&, const Inputs&, const float* saved, const OutputGradients&, const InputGradients&,
                         const Parallel&);

// What each token adds to the gates, for a forward pass over tokens: its row of the embedding, which is `x`
// (vocabulary, D) here, times `kernel`, plus `bias`. Of the shape only vocabulary, width and units are read; `table` is
// (vocabulary, table_width).
typedef bool (*Project)(const Shape&, const Inputs&, float* table, const Parallel&);

// Units are saved and tables kept in blocks of whole vectors; 16 floats is a multiple of every instruction set's
// vector, so both have one size on all machines (their content is laid out for one instruction set and must not outlive
// the process).
inline int64_t padded_units(int64_t units) { return (units + 15) / 16 * 16; }
inline int64_t table_width(int64_t gates, int64_t units) { return gates * padded_units(units); }

}  // namespace unspool

#endif  // UNSPOOL_RECURRENT_H_
