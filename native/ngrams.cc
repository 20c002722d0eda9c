#include "ngrams.h"

#include <string.h>

#include <new>
#include <vector>

#include "exported.h"

namespace unspool {
namespace {

constexpr uint64_t FREE = ~uint64_t{0};  // no pair: both halves of one are at least 0

uint64_t pair(int32_t first, int32_t last) {
  return static_cast<uint64_t>(static_cast<uint32_t>(first)) << 32 | static_cast<uint32_t>(last);
}

uint64_t mixed(uint64_t h) {
  h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93u;
  h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93u;
  return h ^ (h >> 32);
}

// Pairs to numbers, by open addressing.
class Pairs {
 public:
  explicit Pairs(size_t expected) {
    size_t size = 1024;
    while (size < 2 * expected) size *= 2;
    slots_.assign(size, {FREE, -1});
  }

  int32_t find(uint64_t key) const { return slots_[place(key)].number; }
  void prefetch(uint64_t key) const { __builtin_prefetch(&slots_[mixed(key) & (slots_.size() - 1)]); }

  // The number of the pair, which is `next` where it is new.
  int32_t add(uint64_t key, int32_t next) {
    size_t at = place(key);
    if (slots_[at].key == key) return slots_[at].number;
    if (2 * (used_ + 1) > slots_.size()) {
      grow();
      at = place(key);
    }
    slots_[at] = {key, next};
    ++used_;
    return next;
  }

 private:
  struct Slot {
    uint64_t key;
    int32_t number;
  };

  size_t place(uint64_t key) const {
    const size_t last = slots_.size() - 1;
    size_t at = mixed(key) & last;
    while (slots_[at].key != key && slots_[at].key != FREE) at = (at + 1) & last;
    return at;
  }

  void grow() {
    std::vector<Slot> old(2 * slots_.size(), {FREE, -1});
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.key != FREE) slots_[place(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at least twice as many as used
  size_t used_ = 0;
};

struct Table {
  explicit Table(size_t expected) : pairs(expected) {}
  Pairs pairs;
  std::vector<uint64_t> keys;
  std::vector<int32_t> documents;
};

// Whether an n-gram of `size` tokens may begin at `at`, and which pair stands for it.
struct Window {
  const int32_t* tokens;
  const int32_t* grams;  // of the level before, or nullptr
  int64_t size;
  int32_t apart;

  bool key(int64_t at, int64_t end, uint64_t& key) const {
    if (at + size > end) return false;
    const int32_t last = tokens[at + size - 1];
    if (last < 0) return false;
    if (!grams) {
      key = pair(0, last);
      return true;
    }
    if (grams[at] < 0 || grams[at + 1] < 0) return false;
    if (size > 2 && apart >= 0 && tokens[at + size - 2] == apart) return false;
    key = pair(grams[at], last);
    return true;
  }
};

constexpr int64_t AHEAD = 16;  // positions whose slots are fetched before they are looked at

int64_t count(const Window& window, const int64_t* offsets, int64_t documents, int32_t least, int32_t* found, Table** made) {
  Table all(0);
  std::vector<int32_t> seen;  // the last document of each
  const int64_t end = offsets[documents];
  for (int64_t i = 0; i < documents; ++i) {
    for (int64_t at = offsets[i]; at < offsets[i + 1]; ++at) {
      uint64_t key;
      if (at + AHEAD + 1 < offsets[i + 1] && window.key(at + AHEAD, offsets[i + 1], key)) all.pairs.prefetch(key);
      const bool one = window.key(at, offsets[i + 1], key);
      found[at] = -1;  // whatever reads from `at` on has been read, as `found` may be the level before
      if (!one) continue;
      const int32_t next = static_cast<int32_t>(all.keys.size());
      const int32_t number = all.pairs.add(key, next);
      found[at] = number;
      if (number == next) {
        all.keys.push_back(key);
        all.documents.push_back(1);
        seen.push_back(static_cast<int32_t>(i));
      } else if (seen[number] != i) {
        seen[number] = static_cast<int32_t>(i);
        ++all.documents[number];
      }
    }
  }
  all.pairs = Pairs(0);
  int32_t kept = 0;
  for (size_t k = 0; k < all.keys.size(); ++k) seen[k] = all.documents[k] >= least ? kept++ : -1;
  Table* table = *made = new Table(static_cast<size_t>(kept));
  table->keys.reserve(kept);
  table->documents.reserve(kept);
  for (size_t k = 0; k < all.keys.size(); ++k) {
    if (seen[k] < 0) continue;
    table->pairs.add(all.keys[k], seen[k]);
    table->keys.push_back(all.keys[k]);
    table->documents.push_back(all.documents[k]);
  }
  for (int64_t at = 0; at < end; ++at) found[at] = found[at] < 0 ? -1 : seen[found[at]];
  return kept;
}

}  // namespace
}  // namespace unspool

using namespace unspool;

UNSPOOL_EXPORT int64_t unspool_ngrams_count(const int32_t* tokens, const int64_t* offsets, int64_t documents,
                                            const int32_t* grams, int32_t size, int32_t apart, int32_t least,
                                            int32_t* found, void** table) {
  Table* made = nullptr;
  int64_t kept = -1;
  try {
    kept = count({tokens, grams, size, apart}, offsets, documents, least, found, &made);
  } catch (const std::bad_alloc&) {
    delete made;
    made = nullptr;
  }
  *table = made;
  return kept;
}

UNSPOOL_EXPORT void unspool_ngrams_find(const void* table, const int32_t* tokens, const int64_t* offsets, int64_t documents,
                                        const int32_t* grams, int32_t size, int32_t apart, int32_t* found) {
  const Pairs& pairs = static_cast<const Table*>(table)->pairs;
  const Window window = {tokens, grams, size, apart};
  for (int64_t i = 0; i < documents; ++i) {
    for (int64_t at = offsets[i]; at < offsets[i + 1]; ++at) {
      uint64_t key;
      if (at + AHEAD + 1 < offsets[i + 1] && window.key(at + AHEAD, offsets[i + 1], key)) pairs.prefetch(key);
      found[at] = window.key(at, offsets[i + 1], key) ? pairs.find(key) : -1;
    }
  }
}

UNSPOOL_EXPORT void unspool_ngrams_table(const void* table, int32_t* first, int32_t* last, int32_t* documents) {
  const Table& read = *static_cast<const Table*>(table);
  for (size_t k = 0; k < read.keys.size(); ++k) {
    first[k] = static_cast<int32_t>(read.keys[k] >> 32);
    last[k] = static_cast<int32_t>(read.keys[k] & 0xffffffffu);
    documents[k] = read.documents[k];
  }
}

UNSPOOL_EXPORT void* unspool_ngrams_load(int64_t count, const int32_t* first, const int32_t* last,
                                         const int32_t* documents) {
  Table* table = nullptr;
  try {
    table = new Table(static_cast<size_t>(count));
    for (int64_t k = 0; k < count; ++k) {
      const uint64_t key = pair(first[k], last[k]);
      table->pairs.add(key, static_cast<int32_t>(k));
      table->keys.push_back(key);
      table->documents.push_back(documents ? documents[k] : 0);
    }
    return table;
  } catch (const std::bad_alloc&) {
    delete table;
    return nullptr;
  }
}

UNSPOOL_EXPORT void unspool_ngrams_free(void* table) { delete static_cast<Table*>(table); }

UNSPOOL_EXPORT int64_t unspool_ngrams_distinct(const int32_t* grams, const int64_t* offsets, int64_t documents,
                                               int64_t features, int32_t* columns, int32_t* counts, int64_t* rows) {
  try {
    std::vector<int64_t> place(static_cast<size_t>(features), -1);  // where each stands among the columns
    int64_t written = 0;
    rows[0] = 0;
    for (int64_t i = 0; i < documents; ++i) {
      for (int64_t at = offsets[i]; at < offsets[i + 1]; ++at) {
        const int32_t gram = grams[at];
        if (gram < 0) continue;
        if (place[gram] < rows[i]) {
          place[gram] = written;
          columns[written] = gram;
          if (counts) counts[written] = 1;
          ++written;
        } else if (counts) {
          ++counts[place[gram]];
        }
      }
      rows[i + 1] = written;
    }
    return written;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
