// XLA's calls of a convolution over words with a maximum over the text.
#include <cstring>

#include "dispatch.h"
#include "exported.h"
#include "xla_call.h"

namespace unspool {
namespace {

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
  return no_memory("the texts of a convolution");
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
  return no_memory("the gradient of a convolution");
}

}  // namespace

#define UNSPOOL_BIND_WORDS ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Attr<Widths>("widths")

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

}  // namespace unspool
