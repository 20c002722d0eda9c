// The one file that knows XLA: checks shapes, finds threads, calls the kernels.
//
// Three handlers serve all cells; the attribute `cell` says which (dispatch.h). An argument or result that a call does
// not have is an array of shape (0,). The plain C functions at the end let Python ask and choose without a binding
// library.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>

#include "dispatch.h"
#include "exported.h"
#include "xla/ffi/api/ffi.h"

namespace unspool {
namespace {

namespace ffi = xla::ffi;
typedef ffi::Buffer<ffi::F32> F32;
typedef ffi::Buffer<ffi::S32> Tokens;
typedef ffi::Buffer<ffi::PRED> Mask;
typedef ffi::Result<F32> Out;

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

// Collects the first thing that is wrong with the shapes.
struct Check {
  std::string wrong;

  template <typename Array>
  void shape(const char* name, const Array& array, std::initializer_list<int64_t> expected) {
    const auto dims = array.dimensions();
    bool same = dims.size() == expected.size();
    for (size_t i = 0; same && i < expected.size(); ++i) same = dims[i] == expected.begin()[i];
    if (same || !wrong.empty()) return;
    wrong = std::string(name) + " has shape " + text(dims) + ", expected " +
            text(ffi::Span<const int64_t>(expected.begin(), expected.size()));
  }
  ffi::Error error() const { return ffi::Error::InvalidArgument("unspool: " + wrong); }
};

struct Call {
  Shape shape;
  CellInfo info;
  Inputs in;
};

Call read(Check& check, int64_t cell, bool reverse, bool zero_masked, bool constant, int64_t length, bool has_mask,
          const F32& x, const Mask& mask, const F32& h0, const F32& c0, const F32& kernel, const F32& recurrent,
          const F32& bias, const Tokens* tokens = nullptr) {
  Call call = {};
  if (cell < 0 || cell >= CELLS || x.dimensions().size() != (tokens ? 2 : 3) || recurrent.dimensions().size() != 2 ||
      length < 0 || (tokens && tokens->dimensions().size() != 2)) {
    check.wrong = "unknown cell, or x is not (B, T, D), or with tokens (B, T) not (V, W), or the recurrent kernel not "
                  "(U, G*U)";
    return call;
  }
  call.info = cell_info(cell);
  Shape& s = call.shape;
  s.batch = (tokens ? tokens->dimensions() : x.dimensions())[0];
  s.length = length, s.units = recurrent.dimensions()[0];
  s.reverse = reverse, s.zero_masked = zero_masked, s.constant = constant;
  const int64_t columns = call.info.gates * s.units;
  const bool has_table = tokens && kernel.element_count() == 0;
  if (tokens) {
    s.vocabulary = x.dimensions()[0], s.width = has_table ? 0 : x.dimensions()[1];
    check.shape("tokens", *tokens, {s.batch, length});
    if (has_table) check.shape("table", x, {s.vocabulary, table_width(call.info.gates, s.units)});
    if (constant || s.vocabulary == 0) check.wrong = "tokens need a vocabulary, and differ from step to step";
  } else {
    s.width = x.dimensions()[2];
    check.shape("x", x, {s.batch, constant ? 1 : length, s.width});
  }
  if (!has_table) check.shape("kernel", kernel, {s.width, columns});
  check.shape("h0", h0, {s.batch, s.units});
  check.shape("recurrent kernel", recurrent, {s.units, columns});
  if (has_mask) check.shape("mask", mask, {s.batch, length});
  if (call.info.states == 2) check.shape("c0", c0, {s.batch, s.units});
  if (call.info.bias_rows == 2) {
    check.shape("bias", bias, {2, columns});
  } else {
    check.shape("bias", bias, {columns});
  }
  call.in = {has_table ? nullptr : x.typed_data(),
             has_mask ? reinterpret_cast<const uint8_t*>(mask.typed_data()) : nullptr,
             h0.typed_data(),
             call.info.states == 2 ? c0.typed_data() : nullptr,
             has_table ? nullptr : kernel.typed_data(),
             recurrent.typed_data(),
             bias.typed_data(),
             tokens ? tokens->typed_data() : nullptr,
             has_table ? x.typed_data() : nullptr};
  return call;
}

// With tokens, `x` is the embedding, or the table, and then there is no kernel.
ffi::Error forward(ffi::ThreadPool pool, int64_t cell, bool reverse, bool zero_masked, bool constant, int64_t length,
                   bool has_mask, bool has_tokens, bool wants_outputs, bool wants_saved, F32 x, Mask mask, F32 h0,
                   F32 c0, F32 kernel, F32 recurrent, F32 bias, Tokens tokens, Out y, Out h, Out c, Out saved) {
  Check check;
  const Call call = read(check, cell, reverse, zero_masked, constant, length, has_mask, x, mask, h0, c0, kernel,
                         recurrent, bias, has_tokens ? &tokens : nullptr);
  const Shape& s = call.shape;
  if (!check.wrong.empty()) return check.error();
  check.shape("h", *h, {s.batch, s.units});
  if (call.info.states == 2) check.shape("c", *c, {s.batch, s.units});
  if (wants_outputs) check.shape("outputs", *y, {s.batch, length, s.units});
  if (wants_saved) check.shape("saved", *saved, {length, s.batch, call.info.saved * padded_units(s.units)});
  if (wants_saved && has_tokens) check.wrong = "a forward pass over tokens saves nothing";
  if (!check.wrong.empty()) return check.error();
  const Outputs out = {wants_outputs ? y->typed_data() : nullptr, h->typed_data(),
                       call.info.states == 2 ? c->typed_data() : nullptr, wants_saved ? saved->typed_data() : nullptr};
  if (kernels().forward[cell](s, call.in, out, {&pool, run_on_pool})) return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for a recurrent layer's scratch space");
}

ffi::Error project(ffi::ThreadPool pool, int64_t cell, F32 embedding, F32 kernel, F32 bias, Out table) {
  Check check;
  if (cell < 0 || cell >= CELLS || embedding.dimensions().size() != 2 || kernel.dimensions().size() != 2) {
    check.wrong = "unknown cell, or the embedding is not (V, D), or the kernel not (D, G*U)";
    return check.error();
  }
  const CellInfo& info = cell_info(cell);
  Shape s;
  s.vocabulary = embedding.dimensions()[0], s.width = embedding.dimensions()[1];
  s.units = kernel.dimensions()[1] / info.gates;
  check.shape("kernel", kernel, {s.width, info.gates * s.units});
  check.shape("table", *table, {s.vocabulary, table_width(info.gates, s.units)});
  if (static_cast<int64_t>(bias.element_count()) != info.bias_rows * info.gates * s.units)
    check.wrong = "bias has shape " + text(bias.dimensions());
  if (!check.wrong.empty()) return check.error();
  const Inputs in = {embedding.typed_data(), nullptr, nullptr, nullptr, kernel.typed_data(), nullptr,
                     bias.typed_data()};
  if (kernels().project[cell](s, in, table->typed_data(), {&pool, run_on_pool})) return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for a projected embedding");
}

ffi::Error backward(ffi::ThreadPool pool, int64_t cell, bool reverse, bool zero_masked, bool constant, int64_t length,
                    bool has_mask, bool has_dy, bool has_dh, bool has_dc, bool wants_dx, F32 x, Mask mask, F32 h0,
                    F32 c0, F32 kernel, F32 recurrent, F32 bias, F32 saved, F32 dy, F32 dh, F32 dc, Out dx, Out dh0,
                    Out dc0, Out dkernel, Out drecurrent, Out dbias) {
  Check check;
  const Call call = read(check, cell, reverse, zero_masked, constant, length, has_mask, x, mask, h0, c0, kernel,
                         recurrent, bias);
  const Shape& s = call.shape;
  if (!check.wrong.empty()) return check.error();
  const bool two = call.info.states == 2;
  const int64_t columns = call.info.gates * s.units;
  check.shape("saved", saved, {length, s.batch, call.info.saved * padded_units(s.units)});
  if (has_dy) check.shape("gradient of the outputs", dy, {s.batch, length, s.units});
  if (has_dh) check.shape("gradient of h", dh, {s.batch, s.units});
  if (has_dc) check.shape("gradient of c", dc, {s.batch, s.units});
  if (wants_dx) check.shape("gradient of x", *dx, {s.batch, constant ? 1 : length, s.width});
  check.shape("gradient of h0", *dh0, {s.batch, s.units});
  if (two) check.shape("gradient of c0", *dc0, {s.batch, s.units});
  check.shape("gradient of the kernel", *dkernel, {s.width, columns});
  check.shape("gradient of the recurrent kernel", *drecurrent, {s.units, columns});
  if (static_cast<int64_t>(dbias->element_count()) != call.info.bias_rows * columns)
    check.wrong = "gradient of the bias has shape " + text(dbias->dimensions());
  if (!check.wrong.empty()) return check.error();
  const OutputGradients dout = {has_dy ? dy.typed_data() : nullptr, has_dh ? dh.typed_data() : nullptr,
                                has_dc && two ? dc.typed_data() : nullptr};
  const InputGradients din = {wants_dx ? dx->typed_data() : nullptr, dh0->typed_data(),
                              two ? dc0->typed_data() : nullptr,     dkernel->typed_data(),
                              drecurrent->typed_data(),              dbias->typed_data()};
  if (kernels().backward[cell](s, call.in, saved.typed_data(), dout, din, {&pool, run_on_pool}))
    return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for a recurrent layer's gradient");
}

typedef ffi::Span<const int64_t> Widths;

// A batch of texts and the table (V, taps, F) that it is read with.
WordBatch words_of(Check& check, Widths widths, const Tokens& tokens, const F32& vectors) {
  WordBatch texts = {};
  int64_t taps = 0;
  for (int64_t width : widths) {
    if (width < 1) check.wrong = "a width is below 1";
    taps += width;
  }
  if (tokens.dimensions().size() != 2 || vectors.dimensions().size() != 3 || vectors.element_count() == 0) {
    check.wrong = "the tokens are not (B, T), or the vectors not (V, taps, F)";
    return texts;
  }
  texts.batch = tokens.dimensions()[0], texts.length = tokens.dimensions()[1];
  texts.words = vectors.dimensions()[0], texts.filters = vectors.dimensions()[2];
  texts.sizes = static_cast<int64_t>(widths.size()), texts.widths = widths.begin(), texts.tokens = tokens.typed_data();
  check.shape("vectors", vectors, {texts.words, taps, texts.filters});
  return texts;
}

ffi::Error word_maxima(ffi::ThreadPool pool, Widths widths, Tokens tokens, F32 vectors, F32 bias, Out maxima,
                       ffi::Result<Tokens> where) {
  Check check;
  const WordBatch texts = words_of(check, widths, tokens, vectors);
  check.shape("bias", bias, {texts.sizes, texts.filters});
  check.shape("maxima", *maxima, {texts.batch, texts.sizes, texts.filters});
  check.shape("where", *where, {texts.batch, texts.sizes, texts.filters});
  if (!check.wrong.empty()) return check.error();
  if (kernels().word_maxima(texts, vectors.typed_data(), bias.typed_data(), maxima->typed_data(), where->typed_data(),
                            {&pool, run_on_pool}))
    return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for the texts of a convolution");
}

ffi::Error word_gradient_of(ffi::ThreadPool pool, Widths widths, Tokens tokens, Tokens where, F32 slopes, Out gradient) {
  Check check;
  const WordBatch texts = words_of(check, widths, tokens, *gradient);
  check.shape("where", where, {texts.batch, texts.sizes, texts.filters});
  check.shape("gradient of the maxima", slopes, {texts.batch, texts.sizes, texts.filters});
  if (!check.wrong.empty()) return check.error();
  word_gradient(texts, where.typed_data(), slopes.typed_data(), gradient->typed_data(), {&pool, run_on_pool});
  return ffi::Error::Success();
}

// XLA lets the results overwrite the tables if nothing else reads these; otherwise they are in other memory.
ffi::Error word_adagrad_step(ffi::ThreadPool pool, Widths widths, float epsilon, Tokens tokens, Tokens where, F32 slopes,
                             F32 rate, F32 vectors, F32 squares, Out new_vectors, Out new_squares) {
  Check check;
  const WordBatch texts = words_of(check, widths, tokens, vectors);
  check.shape("where", where, {texts.batch, texts.sizes, texts.filters});
  check.shape("gradient of the maxima", slopes, {texts.batch, texts.sizes, texts.filters});
  check.shape("rate", rate, {});
  const auto dims = vectors.dimensions();
  if (check.wrong.empty()) {
    for (const F32& table : {squares, *new_vectors, *new_squares}) check.shape("table", table, {dims[0], dims[1], dims[2]});
  }
  if (!check.wrong.empty()) return check.error();
  if (new_vectors->typed_data() != vectors.typed_data())
    std::memcpy(new_vectors->typed_data(), vectors.typed_data(), vectors.size_bytes());
  if (new_squares->typed_data() != squares.typed_data())
    std::memcpy(new_squares->typed_data(), squares.typed_data(), squares.size_bytes());
  if (word_adagrad(texts, where.typed_data(), slopes.typed_data(), *rate.typed_data(), epsilon, new_vectors->typed_data(),
                   new_squares->typed_data(), {&pool, run_on_pool}))
    return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for the gradient of a convolution");
}

typedef ffi::Buffer<ffi::U32> Words;

// `first` holds the place of each row's first number, `words` the two words of the hash.
DroppedPlaces places_of(Check& check, uint32_t threshold, float scale, const F32& branch, const Words& first,
                        const Words& words) {
  DroppedPlaces places = {};
  if (branch.dimensions().size() != 2) {
    check.wrong = "what is added is not (rows, width)";
    return places;
  }
  const int64_t rows = branch.dimensions()[0], width = branch.dimensions()[1];
  check.shape("first", first, {rows});
  check.shape("words", words, {2});
  if (!check.wrong.empty()) return places;
  return {rows, width, first.typed_data(), words.typed_data()[0], words.typed_data()[1], threshold, scale};
}

ffi::Error add_dropped(ffi::ThreadPool pool, uint32_t threshold, float scale, F32 x, F32 branch, Words first, Words words,
                       Out y) {
  Check check;
  const DroppedPlaces places = places_of(check, threshold, scale, branch, first, words);
  check.shape("x", x, {places.rows, places.width});
  check.shape("y", *y, {places.rows, places.width});
  if (!check.wrong.empty()) return check.error();
  kernels().add_dropped(places, x.typed_data(), branch.typed_data(), y->typed_data(), {&pool, run_on_pool});
  return ffi::Error::Success();
}

// Returns both gradients, although that of x is just `slopes`: otherwise XLA could recompute, for each sublayer, the summed
// gradients of all later ones.
ffi::Error add_dropped_gradient(ffi::ThreadPool pool, uint32_t threshold, float scale, F32 slopes, Words first, Words words,
                                Out x, Out branch) {
  Check check;
  const DroppedPlaces places = places_of(check, threshold, scale, slopes, first, words);
  for (const F32& gradient : {*x, *branch}) check.shape("gradient", gradient, {places.rows, places.width});
  if (!check.wrong.empty()) return check.error();
  kernels().add_dropped(places, nullptr, slopes.typed_data(), branch->typed_data(), {&pool, run_on_pool});
  if (x->typed_data() != slopes.typed_data()) std::memcpy(x->typed_data(), slopes.typed_data(), slopes.size_bytes());
  return ffi::Error::Success();
}

// `heads` divides the width.
AttentionInputs attention_of(Check& check, int64_t heads, const F32& queries, const F32& keys, const F32& values,
                             const Mask& look) {
  AttentionInputs in = {};
  const auto dims = queries.dimensions();
  if (dims.size() != 3 || keys.dimensions().size() != 3 || look.dimensions().size() != 3 || heads < 1 ||
      dims[2] % heads != 0) {
    check.wrong = "queries, keys or mask do not have three axes, or the number of heads does not divide the width";
    return in;
  }
  const int64_t read = keys.dimensions()[1], look_rows = look.dimensions()[1];
  check.shape("keys", keys, {dims[0], read, dims[2]});
  check.shape("values", values, {dims[0], read, dims[2]});
  check.shape("mask", look, {dims[0], look_rows == 1 ? 1 : dims[1], read});
  return {dims[0],  dims[1],  read, dims[2], heads, look_rows, queries.typed_data(), keys.typed_data(), values.typed_data(),
          reinterpret_cast<const uint8_t*>(look.typed_data())};
}

ffi::Error attention(ffi::ThreadPool pool, int64_t heads, F32 queries, F32 keys, F32 values, Mask look, Out out) {
  Check check;
  const AttentionInputs in = attention_of(check, heads, queries, keys, values, look);
  check.shape("output", *out, {in.batch, in.steps, in.width});
  if (!check.wrong.empty()) return check.error();
  if (kernels().attention(in, out->typed_data(), {&pool, run_on_pool})) return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for attention weights");
}

ffi::Error attention_gradient(ffi::ThreadPool pool, int64_t heads, F32 queries, F32 keys, F32 values, Mask look, F32 slopes,
                              Out by_queries, Out by_keys, Out by_values) {
  Check check;
  const AttentionInputs in = attention_of(check, heads, queries, keys, values, look);
  check.shape("gradient of the output", slopes, {in.batch, in.steps, in.width});
  check.shape("gradient of the queries", *by_queries, {in.batch, in.steps, in.width});
  for (const F32& gradient : {*by_keys, *by_values})
    check.shape("gradient of the keys or values", gradient, {in.batch, in.read, in.width});
  if (!check.wrong.empty()) return check.error();
  const AttentionGradients gradients = {by_queries->typed_data(), by_keys->typed_data(), by_values->typed_data()};
  if (kernels().attention_gradient(in, slopes.typed_data(), gradients, {&pool, run_on_pool})) return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for the gradient of attention");
}

ffi::Error output_loss(ffi::ThreadPool pool, float smoothing, bool differentiates, F32 hidden, F32 table, F32 bias, Tokens ids,
                       F32 weights, Out losses, Out by_hidden, Out by_table, Out by_bias) {
  Check check;
  if (hidden.dimensions().size() != 2 || table.dimensions().size() != 2 || table.element_count() == 0) {
    check.wrong = "what the last layer reads is not (rows, width), or its table not (words, width)";
    return check.error();
  }
  const int64_t rows = hidden.dimensions()[0], width = hidden.dimensions()[1], words = table.dimensions()[0];
  check.shape("table", table, {words, width});
  check.shape("bias", bias, {words});
  check.shape("ids", ids, {rows});
  check.shape("weights", weights, {rows});
  check.shape("losses", *losses, {rows});
  if (differentiates) {
    check.shape("gradient of what the last layer reads", *by_hidden, {rows, width});
    check.shape("gradient of the table", *by_table, {words, width});
    check.shape("gradient of the bias", *by_bias, {words});
  }
  if (!check.wrong.empty()) return check.error();
  const LastLayer layer = {rows, width, words, hidden.typed_data(), table.typed_data(), bias.typed_data()};
  LastLayerGradients gradients = {};
  if (differentiates) gradients = {by_hidden->typed_data(), by_table->typed_data(), by_bias->typed_data()};
  if (kernels().output_loss(layer, {ids.typed_data(), weights.typed_data(), smoothing}, losses->typed_data(), gradients,
                            {&pool, run_on_pool}))
    return ffi::Error::Success();
  return ffi::Error(ffi::ErrorCode::kResourceExhausted, "unspool: no memory for the logits of a few rows");
}

#define UNSPOOL_BIND_PLACES ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Attr<uint32_t>("threshold").Attr<float>("scale")
#define UNSPOOL_BIND_ATTENTION \
  ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Attr<int64_t>("heads").Arg<F32>().Arg<F32>().Arg<F32>().Arg<Mask>()
#define UNSPOOL_BIND_WORDS ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Attr<Widths>("widths")

#define UNSPOOL_BIND_COMMON       \
  ffi::Ffi::Bind()                \
      .Ctx<ffi::ThreadPool>()     \
      .Attr<int64_t>("cell")      \
      .Attr<bool>("reverse")      \
      .Attr<bool>("zero_masked")  \
      .Attr<bool>("constant")     \
      .Attr<int64_t>("length")    \
      .Attr<bool>("has_mask")

}  // namespace

UNSPOOL_EXPORT XLA_FFI_Error* unspool_forward(XLA_FFI_CallFrame* frame) {
  static auto* handler = UNSPOOL_BIND_COMMON.Attr<bool>("has_tokens")
                             .Attr<bool>("wants_outputs")
                             .Attr<bool>("wants_saved")
                             .Arg<F32>()
                             .Arg<Mask>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<Tokens>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .To(forward)
                             .release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_project(XLA_FFI_CallFrame* frame) {
  static auto* handler = ffi::Ffi::Bind()
                             .Ctx<ffi::ThreadPool>()
                             .Attr<int64_t>("cell")
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Ret<F32>()
                             .To(project)
                             .release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_backward(XLA_FFI_CallFrame* frame) {
  static auto* handler = UNSPOOL_BIND_COMMON.Attr<bool>("has_dy")
                             .Attr<bool>("has_dh")
                             .Attr<bool>("has_dc")
                             .Attr<bool>("wants_dx")
                             .Arg<F32>()
                             .Arg<Mask>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .To(backward)
                             .release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_word_maxima(XLA_FFI_CallFrame* frame) {
  static auto* handler = UNSPOOL_BIND_WORDS.Arg<Tokens>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Ret<F32>()
                             .Ret<Tokens>()
                             .To(word_maxima)
                             .release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_word_gradient(XLA_FFI_CallFrame* frame) {
  static auto* handler =
      UNSPOOL_BIND_WORDS.Arg<Tokens>().Arg<Tokens>().Arg<F32>().Ret<F32>().To(word_gradient_of).release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_word_adagrad(XLA_FFI_CallFrame* frame) {
  static auto* handler = UNSPOOL_BIND_WORDS.Attr<float>("epsilon")
                             .Arg<Tokens>()
                             .Arg<Tokens>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .To(word_adagrad_step)
                             .release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_add_dropped(XLA_FFI_CallFrame* frame) {
  static auto* handler =
      UNSPOOL_BIND_PLACES.Arg<F32>().Arg<F32>().Arg<Words>().Arg<Words>().Ret<F32>().To(add_dropped).release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_add_dropped_gradient(XLA_FFI_CallFrame* frame) {
  static auto* handler =
      UNSPOOL_BIND_PLACES.Arg<F32>().Arg<Words>().Arg<Words>().Ret<F32>().Ret<F32>().To(add_dropped_gradient).release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_output_loss(XLA_FFI_CallFrame* frame) {
  static auto* handler = ffi::Ffi::Bind()
                             .Ctx<ffi::ThreadPool>()
                             .Attr<float>("smoothing")
                             .Attr<bool>("differentiates")
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<F32>()
                             .Arg<Tokens>()
                             .Arg<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .Ret<F32>()
                             .To(output_loss)
                             .release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_attention(XLA_FFI_CallFrame* frame) {
  static auto* handler = UNSPOOL_BIND_ATTENTION.Ret<F32>().To(attention).release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_attention_gradient(XLA_FFI_CallFrame* frame) {
  static auto* handler =
      UNSPOOL_BIND_ATTENTION.Arg<F32>().Ret<F32>().Ret<F32>().Ret<F32>().To(attention_gradient).release();
  return handler->Call(frame);
}

// At most this many threads for one call; 0: as many as XLA's pool has.
UNSPOOL_EXPORT void unspool_set_threads(int64_t limit) { thread_limit = limit < 0 ? 0 : limit; }
UNSPOOL_EXPORT int64_t unspool_threads() { return thread_limit; }

// Python checks that it talks to the library it was written for.
UNSPOOL_EXPORT int64_t unspool_abi() { return 8; }

}  // namespace unspool
