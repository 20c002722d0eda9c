// Searches for answers, see searched.h; and the C functions of a Transformer.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>
#include <vector>

#include "exported.h"
#include "threads.h"
#include "transformer_weights.h"

namespace unspool {

void sines_and_cosines(int64_t place, int64_t width, float* to) {
  const int64_t half = width / 2;
  for (int64_t i = 0; i < half; ++i) {
    const double exponent = static_cast<double>(i) / static_cast<double>(half);
    const float angle = static_cast<float>(place) * static_cast<float>(std::pow(10000.0, -exponent));
    to[i] = static_cast<float>(std::sin(static_cast<double>(angle)));
    to[half + i] = static_cast<float>(std::cos(static_cast<double>(angle)));
  }
}

namespace {

// Blocks of keys and values, used again and again.
class Pool {
 public:
  explicit Pool(int64_t floats) : floats_(floats) {}

  std::shared_ptr<float> take() {
    if (free_.empty()) free_.push_back(allocated(floats_));
    Floats block = std::move(free_.back());
    free_.pop_back();
    return std::shared_ptr<float>(block.release(), [this](float* floats) { free_.push_back(Floats(floats)); });
  }
  std::shared_ptr<float> copy(const std::shared_ptr<float>& from) {
    std::shared_ptr<float> to = take();
    std::memcpy(to.get(), from.get(), static_cast<size_t>(floats_) * sizeof(float));
    return to;
  }

 private:
  int64_t floats_;
  std::vector<Floats> free_;
};

// The blocks of one sequence. Copies share them until one is written to.
struct Kept {
  std::vector<std::shared_ptr<float>> blocks;
  std::vector<float*> pointers;

  void make_room(Pool& pool, int64_t step, int64_t steps_written) {
    if (step % steps_written == 0) {
      blocks.push_back(pool.take());
    } else if (blocks.back().use_count() > 1) {
      blocks.back() = pool.copy(blocks.back());
    }
    point();
  }
  void point() {
    pointers.clear();
    for (const std::shared_ptr<float>& block : blocks) pointers.push_back(block.get());
  }
};

struct Beginning {
  float total;
  std::vector<int32_t> tokens;
  Kept kept;
};

struct Answer {
  float total, score;
  bool ended;
  std::vector<int32_t> tokens;  // without the end
};

// What is known of one source.
struct Source {
  int64_t number, length;
  Kept memory;
  std::vector<Beginning> live;   // the best first
  std::vector<Answer> done;      // likewise
};

struct Candidate {
  float total;
  int64_t parent;
  int32_t token;
};

class Search {
 public:
  Search(const Searched& model, const UnspoolSearch& how, const Results& results)
      : model_(model), how_(how), normalised_(how.scored || how.beam > 1), results_(results),
        pool_(model.block_floats()), wanted_(how.beam == 1 ? 1 : 2 * how.beam) {}

  // Answers the sources of these numbers.
  void answer(const int64_t* numbers, int64_t count, const int32_t* ids, const int64_t* offsets) {
    read(numbers, count, ids, offsets);
    std::vector<Source*> going;
    for (Source& source : sources_) going.push_back(&source);
    for (int64_t place = 0; !going.empty(); ++place) {
      advance(going, place);
      const auto ends = [&](Source* source) {
        if (goes_on(*source, place + 1)) return false;
        finish(*source);
        return true;
      };
      going.erase(std::remove_if(going.begin(), going.end(), ends), going.end());
    }
  }

 private:
  void read(const int64_t* numbers, int64_t count, const int32_t* ids, const int64_t* offsets) {
    std::vector<int32_t> read;
    std::vector<int64_t> begins(1, 0);
    std::vector<float* const*> blocks;
    sources_.resize(static_cast<size_t>(count));
    for (int64_t n = 0; n < count; ++n) {
      Source& source = sources_[static_cast<size_t>(n)];
      const int64_t from = offsets[numbers[n]], to = offsets[numbers[n] + 1];
      source.number = numbers[n], source.length = to - from;
      for (int64_t b = 0; b < model_.blocks_read(source.length); ++b) source.memory.blocks.push_back(pool_.take());
      source.memory.point();
      source.live.push_back({0.0f, {}, {}});
      read.insert(read.end(), ids + from, ids + to);
      begins.push_back(static_cast<int64_t>(read.size()));
      blocks.push_back(source.memory.pointers.data());
    }
    if (!model_.encode(read.data(), begins.data(), count, blocks.data())) throw std::bad_alloc();
  }

  // One step more of all beginnings of these sources.
  void advance(std::vector<Source*>& going, int64_t place) {
    first_.assign(1, 0), memory_.clear(), memory_steps_.clear(), kept_.clear(), tokens_.clear();
    for (Source* source : going) {
      for (Beginning& one : source->live) {
        one.kept.make_room(pool_, place, model_.steps_written());
        kept_.push_back(one.kept.pointers.data());
        tokens_.push_back(one.tokens.empty() ? static_cast<int32_t>(how_.start) : one.tokens.back());
      }
      first_.push_back(static_cast<int64_t>(tokens_.size()));
      memory_.push_back(source->memory.pointers.data());
      memory_steps_.push_back(source->length);
    }
    found_.resize(tokens_.size() * static_cast<size_t>(wanted_)), gained_.resize(found_.size());
    const DecodingStep step = {static_cast<int64_t>(going.size()), first_.data(), memory_.data(), memory_steps_.data(),
                               kept_.data(), tokens_.data(), place, wanted_, normalised_,
                               place ? 0 : static_cast<int32_t>(how_.end), found_.data(), gained_.data()};
    if (!model_.step(step)) throw std::bad_alloc();
    for (size_t n = 0; n < going.size(); ++n) how_.beam == 1 ? take(*going[n], first_[n]) : choose(*going[n], first_[n], place);
  }

  // The likeliest token of the one beginning.
  void take(Source& source, int64_t row) {
    Beginning& one = source.live[0];
    const int32_t token = found_[static_cast<size_t>(row)];
    one.total += gained_[static_cast<size_t>(row)];
    if (token >= 0 && token != how_.end && !std::isnan(one.total)) return one.tokens.push_back(token);
    source.done.push_back({one.total, one.total, token == how_.end, std::move(one.tokens)});
    source.live.clear();
  }

  // The best continuations of a source's beginnings.
  void choose(Source& source, int64_t row, int64_t place) {
    candidates_.clear();
    for (size_t k = 0; k < source.live.size(); ++k)
      for (size_t w = 0; w < static_cast<size_t>(wanted_); ++w) {
        const size_t at = (static_cast<size_t>(row) + k) * static_cast<size_t>(wanted_) + w;
        const float total = source.live[k].total + gained_[at];
        if (found_[at] >= 0 && std::isfinite(total)) candidates_.push_back({total, static_cast<int64_t>(k), found_[at]});
      }
    if (candidates_.empty()) {  // the model's numbers are too large
      source.done.assign(1, {NAN, NAN, false, std::move(source.live[0].tokens)});
      return source.live.clear();
    }
    std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
      if (a.total != b.total) return a.total > b.total;
      return a.parent != b.parent ? a.parent < b.parent : a.token < b.token;
    });
    if (candidates_.size() > static_cast<size_t>(wanted_)) candidates_.resize(static_cast<size_t>(wanted_));
    const size_t size = static_cast<size_t>(how_.beam);
    std::vector<Beginning> next;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& one = candidates_[i];
      const Beginning& parent = source.live[static_cast<size_t>(one.parent)];
      if (one.token == how_.end) {
        if (i < size) source.done.push_back({one.total, one.total / penalty(place + 1), true, parent.tokens});
      } else if (next.size() < size) {
        next.push_back({one.total, parent.tokens, {parent.kept.blocks, {}}});
        next.back().tokens.push_back(one.token);
      }
    }
    source.live = std::move(next);
    std::stable_sort(source.done.begin(), source.done.end(),
                     [](const Answer& a, const Answer& b) { return a.score > b.score; });
    if (source.done.size() > size) source.done.resize(size);
  }

  bool goes_on(const Source& source, int64_t length) const {
    if (length == how_.maximum || source.live.empty()) return false;
    if (how_.beam == 1 || source.done.size() < static_cast<size_t>(how_.returned)) return true;
    return source.live[0].total / penalty(how_.maximum) > source.done[static_cast<size_t>(how_.returned) - 1].score;
  }

  float penalty(int64_t length) const {
    return std::pow((5.0f + static_cast<float>(length)) / 6.0f, static_cast<float>(how_.length_penalty));
  }

  // Writes the answers to a source, and gives its memory back.
  void finish(Source& source) {
    for (Beginning& one : source.live) {
      const float score = how_.beam == 1 ? one.total : one.total / penalty(how_.maximum);
      source.done.push_back({one.total, score, false, std::move(one.tokens)});
    }
    source.live.clear();
    source.memory = {};
    for (int64_t r = 0; r < how_.returned; ++r) {
      const int64_t at = source.number * how_.returned + r;
      const Answer* answer = r < static_cast<int64_t>(source.done.size()) ? &source.done[static_cast<size_t>(r)] : nullptr;
      int32_t* to = results_.tokens + at * how_.maximum;
      std::fill(to, to + how_.maximum, 0);
      if (answer) std::copy(answer->tokens.begin(), answer->tokens.end(), to);
      results_.lengths[at] = answer ? static_cast<int64_t>(answer->tokens.size()) : -1;
      results_.totals[at] = answer ? answer->total : -INFINITY;
      results_.scores[at] = answer ? answer->score : -INFINITY;
      results_.ended[at] = answer && answer->ended;
    }
    source.done.clear();
  }

  const Searched& model_;
  const UnspoolSearch& how_;
  const bool normalised_;
  const Results& results_;
  Pool pool_;
  const int64_t wanted_;
  std::vector<Source> sources_;
  std::vector<Candidate> candidates_;
  // Of a step, see `DecodingStep`.
  std::vector<int64_t> first_, memory_steps_;
  std::vector<const float* const*> memory_;
  std::vector<float* const*> kept_;
  std::vector<int32_t> tokens_, found_;
  std::vector<float> gained_;
};

constexpr int64_t MOST_READ = 8192;      // ids of a batch, unless it is one source
constexpr int64_t MOST_WRITTEN = 65536;  // steps of all its beginnings, likewise

// Sources in batches of near length: their numbers, and where each batch begins.
struct Batches {
  std::vector<int64_t> order, begins;

  Batches(const int64_t* offsets, int64_t count, const UnspoolSearch& how, bool pads)
      : order(static_cast<size_t>(count)), begins(1, 0) {
    const auto length = [offsets](int64_t i) { return offsets[i + 1] - offsets[i]; };
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return length(a) > length(b); });
    const int64_t most = std::max<int64_t>(std::min(how.batch, MOST_WRITTEN / (how.beam * how.maximum)), 1);
    for (int64_t n = 0, read = 0; n < count; ++n) {
      const int64_t more = length(order[static_cast<size_t>(pads ? begins.back() : n)]);
      if (n > begins.back() && (n - begins.back() == most || read + more > MOST_READ)) begins.push_back(n), read = 0;
      read += more;
    }
    if (count) begins.push_back(count);
  }
};

struct Job {
  const Searched& model;
  const UnspoolSearch& how;
  const int32_t* ids;
  const int64_t* offsets;
  const Results& results;
  const Batches& batches;
  std::atomic<bool> failed{false};

  void one(int64_t i) {
    const size_t n = static_cast<size_t>(i);
    try {
      Search search(model, how, results);
      search.answer(&batches.order[static_cast<size_t>(batches.begins[n])], batches.begins[n + 1] - batches.begins[n], ids,
                    offsets);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
  }
};

bool valid(const UnspoolTransformer& m) {
  return m.layers > 0 && m.width > 0 && m.heads > 0 && m.width % m.heads == 0 && m.width / m.heads % 2 == 0 &&
         m.feed_forward > 0 && m.source_size > 1 && m.target_size > 1;
}

bool valid(const UnspoolSearch& s, int64_t target_size) {
  const auto written = [&](int64_t id) { return 0 < id && id < target_size; };
  return s.beam > 0 && s.returned > 0 && s.returned <= s.beam && s.length_penalty >= 0 && written(s.start) &&
         written(s.end) && s.maximum > 0 && s.batch > 0;
}

}  // namespace

int32_t search(const Searched& model, const UnspoolSearch& how, const int32_t* ids, const int64_t* offsets, int64_t count,
               const Results& results) {
  if (!valid(how, model.target_size()) || count < 0) return 2;
  try {
    const Batches batches(offsets, count, how, model.pads());
    Job job{model, how, ids, offsets, results, batches, {}};
    Threads pool{how.threads};
    Threads::run(&pool, static_cast<int64_t>(batches.begins.size()) - 1,
                 [](void* job, int64_t i) { static_cast<Job*>(job)->one(i); }, &job);
    return job.failed;
  } catch (const std::bad_alloc&) {
    return 1;
  }
}

int32_t attention(const Searched& model, const int32_t* ids, int64_t source_count, const int32_t* tokens, int64_t token_count,
                  float* shares) {
  if (source_count < 0 || token_count < 0) return 2;
  try {
    Pool pool(model.block_floats());
    Kept memory, kept;
    for (int64_t b = 0; b < model.blocks_read(source_count); ++b) memory.blocks.push_back(pool.take());
    memory.point();
    const int64_t offsets[2] = {0, source_count}, first[2] = {0, 1};
    float* const* read = memory.pointers.data();
    if (!model.encode(ids, offsets, 1, &read)) return 1;
    for (int64_t place = 0; place < token_count; ++place) {
      kept.make_room(pool, place, model.steps_written());
      int32_t found;
      float gained;
      const float* const* seen = memory.pointers.data();
      float* const* written = kept.pointers.data();
      const DecodingStep step = {1, first, &seen, &source_count, &written, tokens + place, place, 1, false, 0, &found, &gained,
                                 shares + place * model.looks() * source_count};
      if (!model.step(step)) return 1;
    }
    return 0;
  } catch (const std::bad_alloc&) {
    return 1;
  }
}

}  // namespace unspool

UNSPOOL_EXPORT void* unspool_transformer_new(const UnspoolTransformer* model) {
  if (!unspool::valid(*model)) return nullptr;
  try {
    return new unspool::Transformer(*model, unspool::kernels());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

UNSPOOL_EXPORT void unspool_transformer_free(void* transformer) { delete static_cast<unspool::Transformer*>(transformer); }

UNSPOOL_EXPORT int32_t unspool_transformer_search(const void* transformer, const UnspoolSearch* search, const int32_t* ids,
                                                  const int64_t* offsets, int64_t count, int32_t* tokens, int64_t* lengths,
                                                  float* totals, float* scores, uint8_t* ended) {
  return unspool::search(*static_cast<const unspool::Transformer*>(transformer), *search, ids, offsets, count,
                         {tokens, lengths, totals, scores, ended});
}

UNSPOOL_EXPORT int32_t unspool_transformer_attention(const void* transformer, const int32_t* ids, int64_t source_count,
                                                     const int32_t* tokens, int64_t token_count, float* shares) {
  return unspool::attention(*static_cast<const unspool::Transformer*>(transformer), ids, source_count, tokens, token_count, shares);
}
