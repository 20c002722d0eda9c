// The kernels of texts that are compiled once per instruction set, under the names that Python calls.
#include "dispatch.h"
#include "document_vectors.h"
#include "exported.h"
#include "word_convolution.h"

#define DECLARE(isa) UNSPOOL_DECLARE_CONVOLUTION(isa) UNSPOOL_DECLARE_VECTORS(isa)
UNSPOOL_FOR_EACH_ISA(DECLARE)

namespace unspool {
namespace {

struct TextKernels {
  const char* isa;
  decltype(&convolution_train_baseline) convolution_train;
  decltype(&convolution_outputs_baseline) convolution_outputs;
  decltype(&vectors_train_baseline) vectors_train;
  decltype(&vectors_infer_baseline) vectors_infer;
};

#define TABLE(isa) \
  {#isa, convolution_train_##isa, convolution_outputs_##isa, vectors_train_##isa, vectors_infer_##isa},
const TextKernels tables[] = {UNSPOOL_FOR_EACH_ISA(TABLE)};

const TextKernels& text_kernels() { return entry_of(tables, kernels()); }

}  // namespace
}  // namespace unspool

UNSPOOL_EXPORT double unspool_convolution_train(const UnspoolConvolution* model, const UnspoolSquares* squares,
                                                const UnspoolTraining* training, const int32_t* tokens,
                                                const int64_t* offsets, const float* targets, const int32_t* order,
                                                int64_t count, int64_t first) {
  return unspool::text_kernels().convolution_train(*model, *squares, *training, tokens, offsets, targets, order, count,
                                                   first);
}

UNSPOOL_EXPORT int32_t unspool_convolution_outputs(const UnspoolConvolution* model, const int32_t* tokens,
                                                   const int64_t* offsets, int64_t count, float* outputs) {
  return unspool::text_kernels().convolution_outputs(*model, tokens, offsets, count, outputs);
}

UNSPOOL_EXPORT void unspool_vectors_train(const UnspoolVectors* model, const int32_t* columns, const int64_t* rows,
                                          const int32_t* order, int64_t count, int64_t first, int64_t steps, float rate,
                                          float last_rate, float weight, uint64_t seed, float* documents) {
  unspool::text_kernels().vectors_train(*model, columns, rows, order, count, first, steps, rate, last_rate, weight,
                                        seed, documents);
}

UNSPOOL_EXPORT void unspool_vectors_infer(const UnspoolVectors* model, const int32_t* columns, const int64_t* rows,
                                          int64_t count, int64_t epochs, float rate, float last_rate, uint64_t seed,
                                          float* documents) {
  unspool::text_kernels().vectors_infer(*model, columns, rows, count, epochs, rate, last_rate, seed, documents);
}
