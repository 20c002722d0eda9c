// XLA's calls of the recurrent kernels.
//
// Three handlers serve all cells; the attribute `cell` says which (dispatch.h). An argument or result that a call does
// not have is an array of shape (0,).
#include "dispatch.h"
#include "exported.h"
#include "xla_call.h"

namespace unspool {
namespace {

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
  return no_memory("a recurrent layer's scratch space");
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
  return no_memory("a projected embedding");
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
  return no_memory("a recurrent layer's gradient");
}

}  // namespace

#define UNSPOOL_BIND_COMMON       \
  ffi::Ffi::Bind()                \
      .Ctx<ffi::ThreadPool>()     \
      .Attr<int64_t>("cell")      \
      .Attr<bool>("reverse")      \
      .Attr<bool>("zero_masked")  \
      .Attr<bool>("constant")     \
      .Attr<int64_t>("length")    \
      .Attr<bool>("has_mask")

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

}  // namespace unspool
