// The one inner loop of all kernels: a few rows times a few vectors of columns, with every sum in a register.
//
//   sum[m][n] += sum over k < depth of  a[m * a_row + k * a_step] * b[k * b_step + n * V .. + V]
//
// `a` is read a number at a time and broadcast, so it may be a matrix or its transpose; `b` is read in vectors, from
// memory packed for that, or straight from a matrix whose rows hold whole vectors. Sums are formed in the order of k and
// of nothing else: a row's result has the same bits whatever rows stand beside it.
#ifndef UNSPOOL_TILE_H_
#define UNSPOOL_TILE_H_

#include "simd.h"

namespace {

template <int M, int N>
UNSPOOL_INLINE void tile(int64_t depth, const float* a, int64_t a_row, int64_t a_step, const float* b, int64_t b_step,
                         vec (&sum)[M][N]) {
  for (int64_t k = 0; k < depth; ++k) {
    vec column[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) column[n] = load(b + n * V);
#pragma GCC unroll 24
    for (int m = 0; m < M; ++m) {
      const vec left = fill(a[m * a_row]);
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) sum[m][n] = multiply_add(left, column[n], sum[m][n]);
    }
    a += a_step;
    b += b_step;
  }
}

// How many rows fit beside each other in registers when each has `columns` vectors of sums.
constexpr int rows_for(int columns) {
  int rows = ACCUMULATORS / columns;
  return rows > 8 ? 8 : rows < 1 ? 1 : rows;
}

// Rows are cut into blocks of nearly equal size, none above `most`: 13 rows by 6 are 5 + 4 + 4, not 6 + 6 + 1.
struct Blocks {
  int64_t rows, count;
  Blocks(int64_t rows, int64_t most) : rows(rows), count((rows + most - 1) / most) {}
  int64_t begin(int64_t i) const { return rows * i / count; }
};

// Calls f.template run<m>() for the m that is known only at run time, 1 <= m <= M.
template <int M, typename F>
UNSPOOL_INLINE void with_rows(int64_t m, const F& f) {
  if constexpr (M == 1) {
    f.template run<1>();
  } else {
    if (m >= M) {
      f.template run<M>();
    } else {
      with_rows<M - 1>(m, f);
    }
  }
}

// A matrix (depth, columns) packed into panels of at most 4 vectors, each panel [depth][vectors][V], zeros past the end.
struct Panels {
  int64_t depth, columns, vectors, count;
  Panels(int64_t depth, int64_t columns)
      : depth(depth), columns(columns), vectors((columns + V - 1) / V), count((vectors + 3) / 4) {}
  int64_t first(int64_t panel) const { return vectors * panel / count; }  // in vectors
  int64_t size() const { return depth * vectors * V; }
};

template <int N>
struct ProductRows {
  int64_t depth;
  const float* a;
  int64_t a_row;
  const float* b;
  float* out;
  int64_t out_row, last;  // `last`: columns of the last vector that exist
  bool add;

  template <int M>
  void run() const {
    vec sum[M][N];
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n)
        sum[m][n] = add ? load_first(out + m * out_row + n * V, n == N - 1 ? last : V) : vec{};
    }
    tile<M, N>(depth, a, a_row, 1, b, N * V, sum);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) store_first(out + m * out_row + n * V, sum[m][n], n == N - 1 ? last : V);
    }
  }
};

// Runs `part`, a panel's columns of some rows, for all rows, block by block.
template <int N, template <int> class Rows>
void in_blocks(int64_t rows, Rows<N> part) {
  const float* a = part.a;
  float* out = part.out;
  constexpr int most = rows_for(N);
  Blocks blocks(rows, most);
  for (int64_t i = 0; i < blocks.count; ++i) {
    const int64_t m0 = blocks.begin(i);
    part.a = a + m0 * part.a_row;
    part.out = out + m0 * part.out_row;
    with_rows<most>(blocks.begin(i + 1) - m0, part);
  }
}

// out (rows, panels.columns) = or += a (rows, panels.depth) times some panels of the packed matrix. Strides count floats.
inline void product(int64_t rows, const float* a, int64_t a_row, const Panels& panels, int64_t begin, int64_t end_panel,
                    const float* packed, float* out, int64_t out_row, bool add) {
  if (rows == 0) return;
  for (int64_t p = begin; p < end_panel; ++p) {
    const int64_t v0 = panels.first(p), width = panels.first(p + 1) - v0;
    const int64_t end = (v0 + width) * V;
    const int64_t last = (end < panels.columns ? end : panels.columns) - (v0 + width - 1) * V;
    const float* b = packed + panels.depth * v0 * V;
    float* o = out + v0 * V;
    switch (width) {
      case 1: in_blocks(rows, ProductRows<1>{panels.depth, a, a_row, b, o, out_row, last, add}); break;
      case 2: in_blocks(rows, ProductRows<2>{panels.depth, a, a_row, b, o, out_row, last, add}); break;
      case 3: in_blocks(rows, ProductRows<3>{panels.depth, a, a_row, b, o, out_row, last, add}); break;
      default: in_blocks(rows, ProductRows<4>{panels.depth, a, a_row, b, o, out_row, last, add}); break;
    }
  }
}

constexpr int64_t up_to(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }
constexpr int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

constexpr int PANEL = 4;  // vectors

// out = or += a b, where b is read in panels of at most PANEL vectors, each b_panel floats behind the one before; all strides
// are as in `tile`.
struct Product {
  int64_t depth;
  const float* a;
  int64_t a_row, a_step;
  const float* b;
  int64_t b_step, b_panel;
  float* out;
  int64_t out_row;
  bool add;
};

template <int N>
struct StridedRows : Product {
  template <int M>
  void run() const {
    vec sum[M][N];
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) sum[m][n] = add ? load(out + m * out_row + n * V) : vec{};
    }
    tile<M, N>(depth, a, a_row, a_step, b, b_step, sum);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) store(out + m * out_row + n * V, sum[m][n]);
    }
  }
};

inline void multiply(int64_t rows, int64_t vectors, Product p) {
  for (; vectors > 0; vectors -= PANEL, p.b += p.b_panel, p.out += PANEL * V) {
    switch (vectors) {
      case 1: in_blocks(rows, StridedRows<1>{p}); break;
      case 2: in_blocks(rows, StridedRows<2>{p}); break;
      case 3: in_blocks(rows, StridedRows<3>{p}); break;
      default: in_blocks(rows, StridedRows<PANEL>{p}); break;
    }
  }
}

}  // namespace

#endif  // UNSPOOL_TILE_H_
