// The recurrent kernels' inference, and which instruction set there is, as plain C functions: see unspool.h.
#include "dispatch.h"
#include "exported.h"
#include "threads.h"
#include "unspool.h"

namespace {

using namespace unspool;

bool valid(int64_t cell, const UnspoolRecurrent& layer) {
  return cell >= 0 && cell < CELLS && layer.batch >= 0 && layer.length >= 0 && layer.width >= 0 && layer.units > 0 &&
         layer.vocabulary >= 0 && (!layer.tokens || layer.vocabulary > 0);
}

Shape shape_of(const UnspoolRecurrent& layer) {
  Shape shape;
  shape.batch = layer.batch, shape.length = layer.length, shape.width = layer.width, shape.units = layer.units;
  shape.reverse = layer.reverse, shape.zero_masked = layer.zero_masked, shape.constant = layer.constant;
  shape.vocabulary = layer.vocabulary;
  return shape;
}

}  // namespace

UNSPOOL_EXPORT int64_t unspool_abi_version() { return UNSPOOL_ABI_VERSION; }

UNSPOOL_EXPORT const char* unspool_isa() { return kernels().isa; }

UNSPOOL_EXPORT const char* unspool_available(int64_t i) {
  for (int64_t k = 0; available()[k]; ++k) {
    if (k == i) return available()[k]->isa;
  }
  return nullptr;
}

UNSPOOL_EXPORT int unspool_choose(const char* isa) { return choose(isa); }

UNSPOOL_EXPORT int unspool_recurrent(int64_t cell, const UnspoolRecurrent* layer) {
  if (!valid(cell, *layer)) return 2;
  const Inputs in = {layer->x,         layer->mask, layer->h0,     layer->c0,   layer->kernel,
                     layer->recurrent, layer->bias, layer->tokens, layer->table};
  const Outputs out = {layer->y, layer->h, layer->c, nullptr};
  Threads pool{layer->threads};
  return !kernels().forward[cell](shape_of(*layer), in, out, {&pool, Threads::run});
}

UNSPOOL_EXPORT int64_t unspool_recurrent_table_size(int64_t cell, const UnspoolRecurrent* layer) {
  return valid(cell, *layer) ? layer->vocabulary * table_width(cell_info(cell).gates, layer->units) : -1;
}

UNSPOOL_EXPORT int unspool_recurrent_project(int64_t cell, const UnspoolRecurrent* layer, float* table) {
  if (!valid(cell, *layer)) return 2;
  const Inputs in = {layer->x, nullptr, nullptr, nullptr, layer->kernel, nullptr, layer->bias};
  Threads pool{layer->threads};
  return !kernels().project[cell](shape_of(*layer), in, table, {&pool, Threads::run});
}
