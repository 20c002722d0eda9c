// Vectors of documents that predict which n-grams occur in them (DV-ngrams: Li et al., 2016; Thongtan and Phienthrakul, 2019), by
// stochastic gradient descent with negative sampling.
//
// A plain C interface. All arrays are row-major, dense, and the caller's. A document d is shown its n-grams in their order. For
// each g that is kept, e = rate (1 - sigmoid(d . v)); for each of `negatives` drawn n-grams, e = -rate weight sigmoid(d . v),
// unless it is g itself, which is skipped. Each vector v gains e d; then d gains the sum of e v, with each v as it was before. The
// order of all sums is fixed, and no multiply-add is fused: every instruction set gives the same bits.
#ifndef UNSPOOL_DOCUMENT_VECTORS_H_
#define UNSPOOL_DOCUMENT_VECTORS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int64_t grams, width;      // F; D, a multiple of 16
  float* vectors;            // (F, D), of the n-grams
  const float* keep;         // (F), the probability with which an occurrence is used
  const int32_t* drawn;      // (drawn_count), negatives are drawn from this with equal chances
  int64_t drawn_count;
  int64_t negatives;         // at most 15
} UnspoolVectors;

// Shows documents order[0 .. count) their n-grams once, as steps first .. first + count, the rate falling linearly from `rate` at
// step 0 to `last_rate` at step `steps`. Document i's n-grams are columns[rows[i] .. rows[i+1]), its vector documents[i], (N, D).
// Step s draws from stream draw(seed, s) (random.h): n-gram number p of the document is kept where the upper half of draw
// p (negatives + 1) is below keep 2^32, and its j-th negative is drawn by draw p (negatives + 1) + 1 + j.
void unspool_vectors_train(const UnspoolVectors* model, const int32_t* columns, const int64_t* rows, const int32_t* order,
                           int64_t count, int64_t first, int64_t steps, float rate, float last_rate, float weight,
                           uint64_t seed, float* documents);

// Vectors of new documents, (N, D): from 0, in `epochs` rounds over each, with the n-grams' vectors as they are, and a weight of
// 1. Every document is step 0, 1 .. epochs-1 of a training of its own, so that no document's vector depends on another.
void unspool_vectors_infer(const UnspoolVectors* model, const int32_t* columns, const int64_t* rows, int64_t count,
                           int64_t epochs, float rate, float last_rate, uint64_t seed, float* documents);

#ifdef __cplusplus
}  // extern "C"
#endif

#define UNSPOOL_DECLARE_VECTORS(isa)                                                                                 \
  namespace unspool {                                                                                                \
  void vectors_train_##isa(const UnspoolVectors&, const int32_t*, const int64_t*, const int32_t*, int64_t, int64_t,  \
                           int64_t, float, float, float, uint64_t, float*);                                          \
  void vectors_infer_##isa(const UnspoolVectors&, const int32_t*, const int64_t*, int64_t, int64_t, float, float,    \
                           uint64_t, float*);                                                                        \
  }

#endif  // UNSPOOL_DOCUMENT_VECTORS_H_
