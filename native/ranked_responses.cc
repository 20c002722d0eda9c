#include "ranked_responses.h"

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "exported.h"
#include "series.h"

namespace unspool {
namespace {

// The three taps at which a kernel has weight 2: first those of kernel 0; `next` moves on to the next kernel.
struct Triple {
  int64_t a = 0, b = 1, c = 2;

  void next() {
    if (++c < TAPS) return;
    if (++b < TAPS - 1) {
      c = b + 1;
      return;
    }
    ++a, b = a + 1, c = a + 2;
  }
};

// `x` points to what tap 0 sees at step 0, in a series padded with zeros.
void respond(const float* x, int64_t dilation, const Triple& taps, int64_t length, float* z) {
  const float *a = x + taps.a * dilation, *b = x + taps.b * dilation, *c = x + taps.c * dilation;
  for (int64_t t = 0; t < length; ++t) {
    float sum = x[t];
    for (int64_t j = 1; j < TAPS; ++j) sum += x[t + j * dilation];
    const float response = 3 * ((a[t] + b[t]) + c[t]) - sum;
    z[t] = response == response ? response : std::numeric_limits<float>::infinity();
  }
}

// What is wanted is the number that has this rank when all are sorted.
struct Wanted {
  int64_t rank;
  float* found;
};
bool before(const Wanted& one, const Wanted& other) { return one.rank < other.rank; }

// Vectors of four, as every processor has them.
typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

struct Range {
  float least, greatest;
};
Range range_of(const float* z, int64_t count) {
  four low = *reinterpret_cast<const four*>(z), high = low, low_too = low, high_too = low;
  const auto take = [&](int64_t t) {
    const four x = *reinterpret_cast<const four*>(z + t), y = *reinterpret_cast<const four*>(z + t + 4);
    low = x < low ? x : low, high = x > high ? x : high;
    low_too = y < low_too ? y : low_too, high_too = y > high_too ? y : high_too;
  };
  for (int64_t t = 0; t + 8 <= count; t += 8) take(t);
  take(count - 8);
  Range range{low[0], high[0]};
  for (int i = 0; i < 4; ++i)
    range = {std::min({range.least, low[i], low_too[i]}), std::max({range.greatest, high[i], high_too[i]})};
  return range;
}

void sort_and_take(float* z, int64_t count, const Wanted* wanted, const Wanted* end) {
  std::sort(z, z + count);
  for (; wanted < end; ++wanted) *wanted->found = z[wanted->rank];
}

constexpr int64_t FEW = 48, MOST_BUCKETS = 1024, IN_A_BUCKET = 4;

// Finds the numbers wanted, which are in the order of their ranks, among z[0] ... z[count - 1], whose order is lost. Numbers are
// dealt to buckets of equal width, and only in buckets that hold one that is wanted they are sorted, or dealt in turn.
void take(float* z, int64_t count, Wanted* wanted, Wanted* end) {
  if (count <= FEW) return sort_and_take(z, count, wanted, end);
  const Range range = range_of(z, count);
  const int64_t buckets = std::min(count / IN_A_BUCKET, MOST_BUCKETS);
  const float scale = static_cast<float>(buckets - 1) / (range.greatest - range.least);
  if (!(scale > 0) || scale > std::numeric_limits<float>::max()) return sort_and_take(z, count, wanted, end);
  std::vector<int32_t> bucket(count), sizes(buckets + 1), others(buckets + 1), place(buckets + 1, -1);
  for (int64_t t = 0; t < count; ++t) bucket[t] = static_cast<int32_t>((z[t] - range.least) * scale);
  for (int64_t t = 0; t + 1 < count; t += 2) ++sizes[bucket[t]], ++others[bucket[t + 1]];  // neighbours are often in one
  if (count % 2) ++sizes[bucket[count - 1]];
  for (int64_t b = 0; b <= buckets; ++b) sizes[b] += others[b];

  // The numbers of each bucket that is looked into stand together, and have their ranks among these.
  struct Part {
    int64_t start, stop;
    Wanted *wanted, *end;
  };
  std::vector<Part> parts;
  int64_t below = 0, chosen = 0;
  for (int64_t b = 0; wanted < end; below += sizes[b++]) {
    if (wanted->rank >= below + sizes[b]) continue;
    Part part{chosen, chosen + sizes[b], wanted, wanted};
    for (; part.end < end && part.end->rank < below + sizes[b]; ++part.end) part.end->rank -= below;
    place[b] = static_cast<int32_t>(chosen);
    chosen = part.stop;
    wanted = part.end;
    parts.push_back(part);
  }
  std::vector<int32_t> steps(count);
  int64_t found = 0;
  for (int64_t t = 0; t < count; ++t) {
    steps[found] = static_cast<int32_t>(t);
    found += place[bucket[t]] >= 0;
  }
  std::vector<float> together(chosen);
  for (int64_t i = 0; i < found; ++i) together[place[bucket[steps[i]]]++] = z[steps[i]];
  for (const Part& part : parts) take(together.data() + part.start, part.stop - part.start, part.wanted, part.end);
}

void ranked_responses(const float* values, const int64_t* starts, const int64_t* lengths, int64_t first, int64_t count,
                      int64_t dilation, const int64_t* ranks, int64_t rank_count, float* found) {
  const int64_t longest = count ? *std::max_element(lengths, lengths + count) : 0;
  // With a step of `longest`, all taps but the middle one are beyond the ends already.
  const int64_t step = std::min(dilation, std::max<int64_t>(longest, 1));
  const int64_t margin = TAPS / 2 * step;
  std::vector<float> padded(longest + 2 * margin), z(longest);
  std::vector<Wanted> wanted(rank_count);
  Triple taps;
  for (int64_t i = 0; i < first; ++i) taps.next();
  for (int64_t i = 0; i < count; ++i, taps.next(), ranks += rank_count, found += rank_count) {
    std::copy_n(values + starts[i], lengths[i], padded.begin() + margin);
    std::fill_n(padded.begin() + margin + lengths[i], longest - lengths[i], 0.0f);
    respond(padded.data(), step, taps, lengths[i], z.data());
    for (int64_t j = 0; j < rank_count; ++j) wanted[j] = {ranks[j], found + j};
    std::sort(wanted.begin(), wanted.end(), before);
    take(z.data(), lengths[i], wanted.data(), wanted.data() + rank_count);
  }
}

}  // namespace
}  // namespace unspool

UNSPOOL_EXPORT int64_t unspool_ranked_responses(const float* values, const int64_t* starts, const int64_t* lengths,
                                                int64_t first, int64_t count, int64_t dilation, const int64_t* ranks,
                                                int64_t rank_count, float* found) {
  try {
    unspool::ranked_responses(values, starts, lengths, first, count, dilation, ranks, rank_count, found);
    return 0;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
