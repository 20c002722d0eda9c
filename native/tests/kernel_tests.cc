// The kernels without Python or XLA, for the sanitizers: every cell and instruction set over odd shapes, masks and
// thread counts, against the equations in double precision; and exp, tanh and sigmoid against the standard library.
// Every array is allocated to its exact size, so that the address sanitizer sees a read or write past its end.
// `make sanitize` (or UNSPOOL_SANITIZE in CMakeLists.txt) builds it with sanitizers.
#include <array>
#include <cmath>
#include <cstring>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dispatch.h"
#include "expect.h"

#if defined(__x86_64__)
#define FOR_EACH_ISA(X) X(avx512) X(avx2) X(baseline)
#else
#define FOR_EACH_ISA(X) X(baseline)
#endif
#define DECLARE_PROBES(isa)                                   \
  void probe_sigmoid_##isa(int64_t n, const float* x, float* y); \
  void probe_tanh_##isa(int64_t n, const float* x, float* y);
FOR_EACH_ISA(DECLARE_PROBES)

namespace {

using namespace unspool;

// An array of exactly n floats.
struct Floats {
  std::unique_ptr<float[]> data;
  int64_t size;
  explicit Floats(int64_t n) : data(new float[static_cast<size_t>(n)]), size(n) {
    for (int64_t i = 0; i < n; ++i) data[static_cast<size_t>(i)] = NAN;  // outputs need not be cleared
  }
  float* get() const { return size ? data.get() : nullptr; }
  float& operator[](int64_t i) { return data[static_cast<size_t>(i)]; }
  float operator[](int64_t i) const { return data[static_cast<size_t>(i)]; }
};

std::mt19937 generator(1);

Floats normal(int64_t n, double scale) {
  Floats out(n);
  std::normal_distribution<double> draw(0.0, scale);
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(draw(generator));
  return out;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Case {
  int64_t cell;
  Shape shape;
  Floats x, h0, c0, kernel, recurrent, bias;
  std::unique_ptr<uint8_t[]> mask;
  Floats dy, dh, dc;

  const CellInfo& info() const { return cell_info(cell); }
  Inputs inputs() const {
    return {x.get(), mask.get(), h0.get(), info().states == 2 ? c0.get() : nullptr, kernel.get(), recurrent.get(),
            bias.get()};
  }
};

Case draw(int64_t cell, const Shape& s, bool masked) {
  const CellInfo& info = cell_info(cell);
  const int64_t columns = info.gates * s.units, steps = s.constant ? 1 : s.length, states = s.batch * s.units;
  const double wide = 1 / std::sqrt(static_cast<double>(s.width)), tall = 0.7 / std::sqrt(static_cast<double>(s.units));
  Case c{cell, s, normal(s.batch * steps * s.width, 1), normal(states, 1), normal(states, 1),
         normal(s.width * columns, wide), normal(s.units * columns, tall), normal(info.bias_rows * columns, 0.5), nullptr,
         normal(states * s.length, 1), normal(states, 1), normal(states, 1)};
  if (masked) {
    c.mask.reset(new uint8_t[static_cast<size_t>(s.batch * s.length)]);
    for (int64_t i = 0; i < s.batch * s.length; ++i)
      c.mask[static_cast<size_t>(i)] = i / s.length % 5 == 0 ? 0 : generator() % 10 < 6;
  }
  return c;
}

// One step of one row in double precision, with perturbed inputs for numerical gradients.
void step(const Case& c, const std::vector<double>& sums_x, std::vector<double>& h, std::vector<double>& cc,
          const std::vector<double>& recurrent, const std::vector<double>& bias) {
  const int64_t U = c.shape.units, columns = c.info().gates * U;
  const auto at = [&](int64_t k, int64_t j) { return recurrent[static_cast<size_t>(k * columns + j)]; };
  const auto product = [&](const std::vector<double>& v, int64_t j) {
    double sum = 0;
    for (int64_t k = 0; k < U; ++k) sum += v[static_cast<size_t>(k)] * at(k, j);
    return sum;
  };
  std::vector<double> new_h(h.size()), rh(h.size());
  const auto b = [&](int64_t row, int64_t j) { return bias[static_cast<size_t>(row * columns + j)]; };
  const bool two = c.info().bias_rows == 2;
  if (c.cell == GRU_BEFORE)
    for (int64_t u = 0; u < U; ++u)
      rh[static_cast<size_t>(u)] =
          h[static_cast<size_t>(u)] * sigmoid(sums_x[static_cast<size_t>(U + u)] + product(h, U + u));
  for (int64_t u = 0; u < U; ++u) {
    const auto x = [&](int64_t g) { return sums_x[static_cast<size_t>(g * U + u)]; };
    const auto r = [&](int64_t g) { return product(h, g * U + u) + (two ? b(1, g * U + u) : 0); };
    double& next = new_h[static_cast<size_t>(u)];
    if (c.cell == RNN_TANH || c.cell == RNN_RELU) {
      next = c.cell == RNN_TANH ? std::tanh(x(0) + r(0)) : std::fmax(x(0) + r(0), 0);
    } else if (c.cell == LSTM) {
      double& state = cc[static_cast<size_t>(u)];
      state = sigmoid(x(1) + r(1)) * state + sigmoid(x(0) + r(0)) * std::tanh(x(2) + r(2));
      next = sigmoid(x(3) + r(3)) * std::tanh(state);
    } else {
      const double z = sigmoid(x(0) + r(0));
      const double n = c.cell == GRU_AFTER ? std::tanh(x(2) + sigmoid(x(1) + r(1)) * r(2))
                                           : std::tanh(x(2) + product(rh, 2 * U + u));
      next = z * h[static_cast<size_t>(u)] + (1 - z) * n;
    }
  }
  h = new_h;
}

struct Wide {
  std::vector<double> x, h0, c0, kernel, recurrent, bias;
};

std::vector<double> widen(const Floats& f) { return std::vector<double>(f.get(), f.get() + f.size); }

// The weighted sum of all outputs; also stores them where asked.
double objective(const Case& c, const Wide& w, std::vector<double>* ys = nullptr, std::vector<double>* hs = nullptr) {
  const Shape& s = c.shape;
  const int64_t U = s.units, columns = c.info().gates * U;
  double total = 0;
  for (int64_t b = 0; b < s.batch; ++b) {
    std::vector<double> h(w.h0.begin() + b * U, w.h0.begin() + (b + 1) * U);
    std::vector<double> cc(w.c0.begin() + b * U, w.c0.begin() + (b + 1) * U);
    for (int64_t i = 0; i < s.length; ++i) {
      const int64_t t = s.reverse ? s.length - 1 - i : i;
      const bool keep = !c.mask || c.mask[static_cast<size_t>(b * s.length + t)];
      if (keep) {
        std::vector<double> sums(w.bias.begin(), w.bias.begin() + columns);
        const int64_t row = s.constant ? b : b * s.length + t;
        for (int64_t k = 0; k < s.width; ++k)
          for (int64_t j = 0; j < columns; ++j)
            sums[static_cast<size_t>(j)] +=
                w.x[static_cast<size_t>(row * s.width + k)] * w.kernel[static_cast<size_t>(k * columns + j)];
        step(c, sums, h, cc, w.recurrent, w.bias);
      }
      for (int64_t u = 0; u < U; ++u) {
        const double y = keep || !s.zero_masked ? h[static_cast<size_t>(u)] : 0;
        total += y * c.dy[(b * s.length + i) * U + u];
        if (ys) ys->push_back(y);
      }
    }
    for (int64_t u = 0; u < U; ++u) {
      total += h[static_cast<size_t>(u)] * c.dh[b * U + u];
      if (c.info().states == 2) total += cc[static_cast<size_t>(u)] * c.dc[b * U + u];
      if (hs) hs->push_back(h[static_cast<size_t>(u)]);
    }
  }
  return total;
}

void compare(const Floats& got, const std::vector<double>& expected, const std::string& what) {
  double scale = 1e-3, worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    scale = std::fmax(scale, std::fabs(expected[i]));
    const double error = std::fabs(got[static_cast<int64_t>(i)] - expected[i]);
    worst = std::isnan(error) ? INFINITY : std::fmax(worst, error);
  }
  expect(worst <= 1e-5 * scale, what + ": off by " + std::to_string(worst / scale) + " of the largest value");
}

// A few gradients by central differences of the double-precision objective.
void compare_gradient(const Case& c, Wide& w, std::vector<double>& values, const Floats& got, const std::string& what) {
  double scale = 1e-2;
  for (int64_t i = 0; i < got.size; ++i) scale = std::fmax(scale, std::fabs(static_cast<double>(got[i])));
  const size_t stride = values.size() / 4 + 1;
  for (size_t i = generator() % stride; i < values.size(); i += stride) {
    const double kept = values[i], h = 1e-5;
    values[i] = kept + h;
    const double above = objective(c, w);
    values[i] = kept - h;
    const double below = objective(c, w);
    values[i] = kept;
    const double error = std::fabs((above - below) / (2 * h) - got[static_cast<int64_t>(i)]);
    // A kink of relu within the step makes the difference wrong, not the kernel.
    if (c.cell != RNN_RELU) expect(error <= 2e-5 * scale, what + ": gradient off by " + std::to_string(error / scale));
  }
}

struct Results {
  Floats y, h, c, dx, dh0, dc0, dkernel, drecurrent, dbias;
};

Results run(const Case& c, const Parallel& parallel) {
  const Shape& s = c.shape;
  const bool two = c.info().states == 2;
  const int64_t states = s.batch * s.units;
  Floats saved(s.length * s.batch * c.info().saved * padded_units(s.units));
  Results r{Floats(states * s.length), Floats(states), Floats(states), Floats(c.x.size), Floats(states), Floats(states),
            Floats(c.kernel.size), Floats(c.recurrent.size), Floats(c.bias.size)};
  expect(kernels().forward[c.cell](s, c.inputs(), {r.y.get(), r.h.get(), two ? r.c.get() : nullptr, saved.get()},
                                   parallel), "forward");
  expect(kernels().backward[c.cell](s, c.inputs(), saved.get(), {c.dy.get(), c.dh.get(), two ? c.dc.get() : nullptr},
                                    {r.dx.get(), r.dh0.get(), two ? r.dc0.get() : nullptr, r.dkernel.get(),
                                     r.drecurrent.get(), r.dbias.get()}, parallel), "backward");
  return r;
}

bool same_bits(const Floats& a, const Floats& b) {
  return a.size == b.size && (a.size == 0 || std::memcmp(a.get(), b.get(), static_cast<size_t>(a.size) * 4) == 0);
}

std::string name_of(int64_t cell, const Shape& shape, bool masked) {
  return std::string(kernels().isa) + " cell " + std::to_string(cell) + " B" + std::to_string(shape.batch) + " T" +
         std::to_string(shape.length) + " D" + std::to_string(shape.width) + " U" + std::to_string(shape.units) +
         (masked ? " masked" : "") + (shape.reverse ? " reversed" : "") + (shape.constant ? " constant" : "");
}

// A forward pass over tokens gives the bits of one over their vectors; tokens outside the vocabulary give NaN.
void check_tokens(int64_t cell, const Shape& shape, bool masked, int64_t vocabulary) {
  Case c = draw(cell, shape, masked);
  const std::string what = name_of(cell, shape, masked) + " V" + std::to_string(vocabulary);
  const int64_t places = shape.batch * shape.length, states = shape.batch * shape.units;
  const Floats embedding = normal(vocabulary * shape.width, 1);
  std::unique_ptr<int32_t[]> tokens(new int32_t[static_cast<size_t>(places)]);
  for (int64_t i = 0; i < places; ++i) {
    const int64_t row = static_cast<int64_t>(generator() % static_cast<uint64_t>(vocabulary));
    tokens[static_cast<size_t>(i)] = static_cast<int32_t>(i % 3 ? row : row - vocabulary);
    for (int64_t k = 0; k < shape.width; ++k) c.x[i * shape.width + k] = embedding[row * shape.width + k];
  }
  Floats table(vocabulary * table_width(c.info().gates, shape.units));
  Shape of_tokens = shape;
  of_tokens.vocabulary = vocabulary;
  Inputs in = c.inputs();
  in.x = embedding.get();
  expect(kernels().project[cell](of_tokens, in, table.get(), serial()), what + " project");
  in.tokens = tokens.get();
  Inputs with_table = in;
  with_table.x = with_table.kernel = nullptr, with_table.table = table.get();
  const auto run = [&](const Shape& s, const Inputs& inputs, const Parallel& parallel) {
    std::array<Floats, 3> out{Floats(places * shape.units), Floats(states), Floats(states)};
    const bool two = c.info().states == 2;
    expect(kernels().forward[cell](s, inputs, {out[0].get(), out[1].get(), two ? out[2].get() : nullptr, nullptr},
                                   parallel), what + " forward");
    return out;
  };
  const auto expected = run(shape, c.inputs(), serial());
  Threads threads{3};
  for (const Inputs& inputs : {in, with_table}) {
    for (const Parallel& parallel : {serial(), Parallel{&threads, Threads::run}}) {
      const auto got = run(of_tokens, inputs, parallel);
      expect(same_bits(got[0], expected[0]) && same_bits(got[1], expected[1]) &&
                 (c.info().states == 1 || same_bits(got[2], expected[2])), what + ": other bits over tokens");
    }
  }
  if (places == 0 || masked) return;
  const int32_t count = static_cast<int32_t>(vocabulary);
  for (int32_t unknown : {count, -count - 1, INT32_MAX, INT32_MIN}) {
    tokens[0] = unknown;
    for (const Inputs& inputs : {in, with_table})
      expect(std::isnan(run(of_tokens, inputs, serial())[1][0]), what + ": a number for an unknown token");
  }
}

// Other numbers of threads give the bits of one.
void check_threads(const Case& c, const Results& r, const std::string& what) {
  for (int64_t count : {2, 4}) {
    Threads threads{count};
    const Results other = run(c, {&threads, Threads::run});
    expect(same_bits(r.y, other.y) && same_bits(r.dx, other.dx) && same_bits(r.dkernel, other.dkernel) &&
               same_bits(r.drecurrent, other.drecurrent) && same_bits(r.dbias, other.dbias),
           what + ": other bits with " + std::to_string(count) + " threads");
  }
}

void check(int64_t cell, const Shape& shape, bool masked) {
  const Case c = draw(cell, shape, masked);
  const std::string what = name_of(cell, shape, masked);
  const Results r = run(c, serial());
  Wide w{widen(c.x), widen(c.h0), widen(c.c0), widen(c.kernel), widen(c.recurrent), widen(c.bias)};
  std::vector<double> ys, hs;
  objective(c, w, &ys, &hs);
  compare(r.y, ys, what + " y");
  compare(r.h, hs, what + " h");
  compare_gradient(c, w, w.x, r.dx, what + " x");
  compare_gradient(c, w, w.h0, r.dh0, what + " h0");
  if (c.info().states == 2) compare_gradient(c, w, w.c0, r.dc0, what + " c0");
  compare_gradient(c, w, w.kernel, r.dkernel, what + " kernel");
  compare_gradient(c, w, w.recurrent, r.drecurrent, what + " recurrent");
  compare_gradient(c, w, w.bias, r.dbias, what + " bias");
  check_threads(c, r, what);
}

double units_in_last_place(float got, double expected) {
  const float near = static_cast<float>(expected);
  const float next = std::nextafter(std::fabs(near), INFINITY);
  return std::fabs(got - expected) / (static_cast<double>(next) - std::fabs(near));
}

void check_function(const char* name, void (*probe)(int64_t, const float*, float*), double (*exact)(double), double from,
                    double to) {
  const int64_t n = 200003;
  Floats x(n), y(n);
  for (int64_t i = 0; i < n; ++i) x[i] = static_cast<float>(from + (to - from) * static_cast<double>(i) / n);
  probe(n, x.get(), y.get());
  double worst = 0;
  for (int64_t i = 0; i < n; ++i) worst = std::fmax(worst, units_in_last_place(y[i], exact(x[i])));
  std::printf("%s on [%g, %g]: %.2f units in the last place\n", name, from, to, worst);
  expect(worst <= 4.0, std::string(name) + " is off by more than 4 units in the last place");
  const float edges[] = {-INFINITY, INFINITY, -1e30f, 1e30f, NAN, 0.0f, -0.0f, 1e-30f};
  float out[8];
  probe(8, edges, out);
  expect(std::isnan(out[4]), std::string(name) + " of NaN is a number");
  for (int i : {0, 1, 2, 3, 5, 6, 7})
    expect(std::fabs(out[i] - exact(edges[i])) <= 1e-7, std::string(name) + " at an edge");
}

void check_functions() {
#define CHECK_FUNCTIONS(isa)                                               \
  if (choose(#isa)) {                                                      \
    check_function(#isa " sigmoid", probe_sigmoid_##isa, sigmoid, -86, 90); \
    check_function(#isa " tanh", probe_tanh_##isa, std::tanh, -12, 12);     \
    check_function(#isa " tanh", probe_tanh_##isa, std::tanh, -1e-3, 1e-3); \
  }
  FOR_EACH_ISA(CHECK_FUNCTIONS)
}

}  // namespace

int main() {
  check_functions();
  const int64_t shapes[][4] = {{1, 1, 1, 1}, {2, 67, 3, 5}, {5, 3, 2, 17}, {13, 4, 7, 33}, {35, 3, 20, 12}, {3, 0, 2, 4}};
  for (int64_t i = 0; available()[i]; ++i) {
    choose(available()[i]->isa);
    for (int64_t cell = 0; cell < CELLS; ++cell) {
      Shape team;  // few rows, and weights that a team shares out; too large for the slow reference
      team.batch = 3, team.length = 4, team.width = 5, team.units = 520;
      for (bool constant : {false, true}) {
        team.constant = team.reverse = constant;
        const Case c = draw(cell, team, !constant);
        check_threads(c, run(c, serial()), name_of(cell, team, !constant));
      }
      for (const auto& dims : shapes) {
        for (int variant = 0; variant < 4; ++variant) {
          Shape s;
          s.batch = dims[0], s.length = dims[1], s.width = dims[2], s.units = dims[3];
          s.reverse = variant & 1, s.zero_masked = variant & 2, s.constant = variant == 3;
          check(cell, s, variant > 0);
          if (!s.constant) check_tokens(cell, s, variant > 0, variant == 0 ? 1 : 130 + variant);
        }
      }
    }
  }
  std::printf("%d failures\n", failures);
  return failures != 0;
}
