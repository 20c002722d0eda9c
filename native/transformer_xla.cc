// XLA's calls of what trains a Transformer: residual connections with dropout, attention, the loss.
#include <cstring>

#include "dispatch.h"
#include "exported.h"
#include "xla_call.h"

namespace unspool {
namespace {

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
  return no_memory("attention weights");
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
  return no_memory("the gradient of attention");
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
  return no_memory("the logits of a few rows");
}

}  // namespace

#define UNSPOOL_BIND_PLACES ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Attr<uint32_t>("threshold").Attr<float>("scale")

#define UNSPOOL_BIND_ATTENTION \
  ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Attr<int64_t>("heads").Arg<F32>().Arg<F32>().Arg<F32>().Arg<Mask>()

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

UNSPOOL_EXPORT XLA_FFI_Error* unspool_attention(XLA_FFI_CallFrame* frame) {
  static auto* handler = UNSPOOL_BIND_ATTENTION.Ret<F32>().To(attention).release();
  return handler->Call(frame);
}

UNSPOOL_EXPORT XLA_FFI_Error* unspool_attention_gradient(XLA_FFI_CallFrame* frame) {
  static auto* handler =
      UNSPOOL_BIND_ATTENTION.Arg<F32>().Ret<F32>().Ret<F32>().Ret<F32>().To(attention_gradient).release();
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

}  // namespace unspool
