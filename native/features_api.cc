// The kernels over series as plain C functions, for Python's ctypes and other languages. Returns: 0,
// or 1 where there is not enough memory. Shapes are the caller's to check; see series.h and the kernels' headers.
#include "dispatch.h"
#include "exported.h"
#include "threads.h"

UNSPOOL_EXPORT int unspool_convolution_features(const float* values, const int64_t* offsets, int64_t count,
                                                int64_t channel_count, int64_t dilation_count, const int64_t* dilations,
                                                const int64_t* bias_counts, const float* biases,
                                                const uint8_t* channels, int64_t pools, float* features,
                                                int64_t threads) {
  unspool::Threads pool{threads};
  const unspool::SeriesBatch series{values, offsets, count, channel_count};
  const unspool::ConvolutionPlan plan{dilation_count, dilations, bias_counts, biases, channels, pools};
  return !unspool::kernels().convolution_features(series, plan, features, {&pool, unspool::Threads::run});
}

UNSPOOL_EXPORT int unspool_competing_kernels(const float* values, const int64_t* offsets, int64_t count,
                                             int64_t channel_count, int64_t dilation_count, const int64_t* dilations,
                                             int64_t groups, const float* weights, const uint8_t* channels,
                                             float* features, int64_t threads) {
  unspool::Threads pool{threads};
  const unspool::SeriesBatch series{values, offsets, count, channel_count};
  const unspool::CompetitionPlan plan{dilation_count, dilations, groups, weights, channels};
  return !unspool::kernels().competing_kernels(series, plan, features, {&pool, unspool::Threads::run});
}

UNSPOOL_EXPORT int unspool_smoothing(const double* values, const int64_t* offsets, int64_t count, int64_t season,
                                     int64_t method, int64_t horizon, double* forecasts, int64_t threads) {
  unspool::Threads pool{threads};
  const unspool::Histories histories{values, offsets, count, season};
  return !unspool::kernels().smoothing(histories, method, horizon, forecasts, {&pool, unspool::Threads::run});
}

UNSPOOL_EXPORT int unspool_arima(const double* values, const int64_t* offsets, int64_t count, int64_t season,
                                 int64_t horizon, double* forecasts, int64_t threads) {
  unspool::Threads pool{threads};
  const unspool::Histories histories{values, offsets, count, season};
  return !unspool::kernels().arima(histories, horizon, forecasts, {&pool, unspool::Threads::run});
}
