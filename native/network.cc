#include "network.h"

#include <string.h>

#include <algorithm>
#include <new>
#include <vector>

#include "dispatch.h"
#include "exported.h"
#include "lexicon.h"
#include "parallel.h"

namespace unspool {
namespace {

constexpr int32_t PADDING = 0, UNKNOWN = 2;  // tokens that make no pair

// Memory of this thread, given back at the end.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { scratch_give(floats_); }

  float* take(int64_t floats) {
    scratch_give(floats_);
    floats_ = scratch_take(static_cast<size_t>(floats + 1));
    if (!floats_) throw std::bad_alloc();
    return floats_;
  }

 private:
  float* floats_ = nullptr;
};

// What stands between two layers.
struct Now {
  int64_t batch, length, width;  // length 0: vectors
  bool constant;                 // the same vector at every step
  const float* x;
  const int32_t* tokens;         // before a layer has read them
  const uint8_t* mask;

  int64_t rows() const { return batch * (length && !constant ? length : 1); }
};

uint32_t hashed(uint32_t left, uint32_t right) {  // as `hashed_bigrams` in Python
  uint32_t pair = left * 0x9E3779B1u + right * 0x85EBCA77u;
  pair = (pair ^ (pair >> 16)) * 0x85EBCA6Bu;
  pair = (pair ^ (pair >> 13)) * 0xC2B2AE35u;
  return pair ^ (pair >> 16);
}

bool makes_pair(int32_t token) { return token != PADDING && token != UNKNOWN; }

// The mean and the maximum of some vectors of `width` numbers, added one by one; zeros of none.
class Pool {
 public:
  Pool(float* to, int64_t width) : mean_(to), most_(to + width), width_(width) {
    std::fill(mean_, mean_ + 2 * width, 0.0f);
  }
  void add(const float* vector) {
    for (int64_t k = 0; k < width_; ++k) {
      mean_[k] += vector[k];
      // NaN stays, as in NumPy's maximum.
      if (!count_ || vector[k] > most_[k] || vector[k] != vector[k]) most_[k] = vector[k];
    }
    ++count_;
  }
  void end() {
    for (int64_t k = 0; k < width_ && count_; ++k) mean_[k] /= static_cast<float>(count_);
  }

 private:
  float *mean_, *most_;
  int64_t width_, count_ = 0;
};

class Network {
 public:
  Network(const UnspoolSteps& steps, const UnspoolLayer* layers, int64_t count, float* outputs)
      : layers_(layers), count_(count), outputs_(outputs), tokens_(steps.tokens), threads_(steps.threads),
        now_{steps.batch, steps.length, steps.width, false, steps.x, steps.tokens, steps.mask} {
    if (!steps.mask_zero || !steps.tokens || steps.mask) return;
    const int64_t size = steps.batch * steps.length;
    uint8_t* mask = reinterpret_cast<uint8_t*>(mask_.take(size / 4 + 1));
    for (int64_t i = 0; i < size; ++i) mask[i] = steps.tokens[i] != PADDING;
    now_.mask = mask;
  }

  int run() {
    for (int64_t i = 0; i < count_; ++i) {
      last_ = i + 1 == count_;
      switch (layers_[i].kind) {
        case UNSPOOL_LAYER_RECURRENT:
          if (const int failed = recurrent(layers_[i])) return failed;
          break;
        case UNSPOOL_LAYER_AFFINE: affine(layers_[i]); break;
        case UNSPOOL_LAYER_DENSE: dense(layers_[i]); break;
        case UNSPOOL_LAYER_REPEAT:
          now_.length = layers_[i].width, now_.constant = true;
          continue;
        case UNSPOOL_LAYER_POOLING: pooling(layers_[i]); break;
        case UNSPOOL_LAYER_FLATTEN: flatten(layers_[i]); break;
        case UNSPOOL_LAYER_UNFLATTEN: unflatten(layers_[i]); break;
        default: return 2;
      }
    }
    return 0;
  }

 private:
  // Room for what a layer gives: the caller's, behind the last one.
  float* given(int64_t floats) { return last_ ? outputs_ : blocks_[taken_++ % 2].take(floats); }

  int recurrent(const UnspoolLayer& layer) {
    const int64_t B = now_.batch, T = now_.length, U = layer.forward.units, both = U + layer.backward.units;
    const int64_t rows = layer.every ? B * T : B;
    float* to = given(rows * both);
    const bool apart = layer.backward.units > 0;
    float* state = state_.take(2 * B * std::max(U, layer.backward.units));
    for (int64_t side = 0; side <= apart; ++side) {
      UnspoolRecurrent one = side ? layer.backward : layer.forward;
      one.batch = B, one.length = T, one.threads = threads_, one.mask = now_.mask, one.constant = now_.constant;
      one.tokens = now_.tokens, one.reverse = static_cast<int32_t>(side);
      if (!now_.tokens) one.x = now_.x;
      one.y = layer.every ? (apart ? side_.take(rows * one.units) : to) : nullptr;
      one.h = layer.every || apart ? state : to;
      one.c = state + B * one.units;
      if (const int failed = unspool_recurrent(layer.cell, &one)) return failed;
      if (apart) place(layer.every ? one.y : one.h, layer.every ? T : 1, one.units, to + side * U, both, side == 1);
    }
    now_ = {B, layer.every ? T : 0, both, false, to, nullptr, layer.every ? now_.mask : nullptr};
    return 0;
  }

  // Rows (B, T, units) beside those of the other direction, `stride` apart; backwards in time with `reverse`.
  void place(const float* from, int64_t T, int64_t units, float* to, int64_t stride, bool reverse) const {
    for (int64_t b = 0; b < now_.batch; ++b) {
      for (int64_t t = 0; t < T; ++t, from += units)
        memcpy(to + (b * T + (reverse ? T - 1 - t : t)) * stride, from, static_cast<size_t>(units) * sizeof(float));
    }
  }

  void affine(const UnspoolLayer& layer) {
    const int64_t rows = now_.rows();
    float* to = given(rows * layer.width);
    const float* x = now_.x;
    now_.x = to;
    for (int64_t i = 0; i < rows; ++i, x += layer.width, to += layer.width) {
      for (int64_t k = 0; k < layer.width; ++k) to[k] = x[k] * layer.weights[k] + layer.bias[k];
    }
  }

  void dense(const UnspoolLayer& layer) {
    const int64_t rows = now_.rows();
    float* to = given(rows * layer.width);
    kernels().dense(rows, now_.width, layer.width, layer.activation, now_.x, layer.weights, layer.bias, to);
    now_.x = to, now_.width = layer.width;
  }

  void pooling(const UnspoolLayer& layer) {
    const int64_t B = now_.batch, T = now_.length, E = layer.width;
    const int64_t D = now_.tokens ? layer.forward.width : now_.width, width = 2 * D + 2 * E;
    float* to = given(B * width);
    for (int64_t b = 0; b < B; ++b) {
      Pool pool(to + b * width, D);
      for (int64_t t = b * T; t < (b + 1) * T; ++t) {
        if (now_.mask && !now_.mask[t]) continue;
        pool.add(now_.tokens ? layer.forward.x + now_.tokens[t] * D : now_.x + t * D);
      }
      pool.end();
      if (E) pairs(layer, tokens_ + b * T, T, to + b * width + 2 * D);
    }
    now_ = {B, 0, width, false, to, nullptr, nullptr};
  }

  void flatten(const UnspoolLayer& layer) {
    const int64_t B = now_.batch, T = now_.length, D = now_.width, width = layer.width * D;
    float* to = given(B * width);
    std::fill(to, to + B * width, 0.0f);
    for (int64_t b = 0; b < B; ++b) {
      for (int64_t t = 0; t < std::min(T, layer.width); ++t) {
        if (now_.mask && !now_.mask[b * T + t]) continue;
        const float *x = now_.x + (b * T + t) * D, *mean = layer.weights + t * D;
        for (int64_t k = 0; k < D; ++k) to[b * width + t * D + k] = x[k] - mean[k];
      }
    }
    now_ = {B, 0, width, false, to, nullptr, nullptr};
  }

  void unflatten(const UnspoolLayer& layer) {
    float* to = given(now_.batch * now_.width);
    std::copy(now_.x, now_.x + now_.batch * now_.width, to);
    now_ = {now_.batch, layer.width, now_.width / layer.width, false, to, nullptr, nullptr};
  }

  static void pairs(const UnspoolLayer& layer, const int32_t* tokens, int64_t T, float* to) {
    Pool pool(to, layer.width);
    for (int64_t t = 1; t < T; ++t) {
      if (!makes_pair(tokens[t - 1]) || !makes_pair(tokens[t])) continue;
      const uint32_t hash = hashed(static_cast<uint32_t>(tokens[t - 1]), static_cast<uint32_t>(tokens[t]));
      pool.add(layer.weights + (1 + hash % static_cast<uint32_t>(layer.buckets - 1)) * layer.width);
    }
    pool.end();
  }

  const UnspoolLayer* layers_;
  const int64_t count_;
  float* const outputs_;
  const int32_t* const tokens_;
  const int32_t threads_;
  Now now_;
  bool last_ = false;
  Block blocks_[2], mask_, state_, side_;
  int64_t taken_ = 0;
};

}  // namespace
}  // namespace unspool

using namespace unspool;

UNSPOOL_EXPORT int unspool_network(const UnspoolLayer* layers, int64_t count, const UnspoolSteps* steps,
                                   float* outputs) {
  try {
    return Network(*steps, layers, count, outputs).run();
  } catch (const std::bad_alloc&) {
    return 1;
  }
}

UNSPOOL_EXPORT int64_t unspool_words_read(const UnspoolWords* words, const char* bytes, int64_t size,
                                          int32_t* tokens) {
  try {
    Block block;
    int32_t* found = reinterpret_cast<int32_t*>(block.take(size / 2 + 1));
    const int64_t all = unspool_lexicon_words(words->lexicon, bytes, size, found);
    if (all < 0) return -1;
    int64_t kept = 0;
    for (int64_t i = 0; i < all; ++i) {
      const int32_t token = found[i] < 0 ? words->unknown : words->ids[found[i]];
      if (token >= 0) found[kept++] = token;
    }
    const int64_t used = std::min(kept, words->length), length = words->length;
    const int64_t front = used == length ? 0 : words->padded ? length - used : 1;
    std::fill(tokens, tokens + front, PADDING);
    if (front) tokens[front - 1] = words->start;
    std::copy(found + kept - used, found + kept, tokens + front);
    return front + used;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

UNSPOOL_EXPORT int unspool_network_text(const UnspoolWords* words, const UnspoolLayer* layers, int64_t count,
                                        int32_t mask_zero, const char* bytes, int64_t size, float* outputs) {
  try {
    Block block;
    const int64_t room = words->padded ? words->length : std::min(words->length, size / 2 + 2);
    int32_t* tokens = reinterpret_cast<int32_t*>(block.take(room));
    const int64_t length = unspool_words_read(words, bytes, size, tokens);
    if (length < 0) return 1;
    const UnspoolSteps steps = {1, length, 0, 1, mask_zero, nullptr, tokens, nullptr};
    return Network(steps, layers, count, outputs).run();
  } catch (const std::bad_alloc&) {
    return 1;
  }
}
