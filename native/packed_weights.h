// Memory that a model's packed weights lie in, and how layers are packed: for every architecture that is searched.
#ifndef UNSPOOL_PACKED_WEIGHTS_H_
#define UNSPOOL_PACKED_WEIGHTS_H_

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "transformer.h"
#include "transformer_model.h"

namespace unspool {

struct Release {
  void operator()(float* floats) const { ::operator delete(floats, std::align_val_t{64}); }
};
typedef std::unique_ptr<float, Release> Floats;

inline Floats allocated(int64_t count) {
  const size_t bytes = static_cast<size_t>(count) * sizeof(float);
  return Floats(static_cast<float*>(::operator new(bytes, std::align_val_t{64})));
}

// As `transformer_pack`, of one instruction set.
typedef void (*Pack)(const float* const* kernels, int64_t count, int64_t depth, int64_t columns, int64_t row, int64_t column,
                     float* packed);

class PackedWeights {
 protected:
  explicit PackedWeights(Pack pack) : pack_(pack) {}

  float* room(int64_t count) {
    owned_.push_back(allocated(count));
    return owned_.back().get();
  }

  float* padded_copy(const float* from, int64_t count, float* to, float behind = 0.0f) {
    std::fill(to, to + padded(count), behind);
    if (from) std::copy(from, from + count, to);
    return to;
  }

  // Layers side by side, each (depth, columns); see `pack` for the strides.
  Linear linear(const std::vector<UnspoolDense>& layers, int64_t depth, int64_t columns, int64_t row, int64_t column,
                float behind = 0.0f) {
    const int64_t count = static_cast<int64_t>(layers.size()), all = count * columns;
    std::vector<const float*> matrices;
    float* bias = room(padded(all));
    std::fill(bias, bias + padded(all), 0.0f);
    std::fill(bias + all, bias + padded(all), behind);
    for (int64_t i = 0; i < count; ++i) {
      const UnspoolDense& layer = layers[static_cast<size_t>(i)];
      matrices.push_back(layer.kernel);
      if (layer.bias) std::copy(layer.bias, layer.bias + columns, bias + i * columns);
    }
    float* weights = room(depth * padded(all));
    pack_(matrices.data(), count, depth, columns, row, column, weights);
    return {depth, all, weights, bias};
  }
  Linear dense(const std::vector<UnspoolDense>& layers, int64_t depth, int64_t columns) {
    return linear(layers, depth, columns, columns, 1);
  }

 private:
  Pack pack_;
  std::vector<Floats> owned_;
};

}  // namespace unspool

#endif  // UNSPOOL_PACKED_WEIGHTS_H_
