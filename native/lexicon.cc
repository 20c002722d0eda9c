#include "lexicon.h"

#include <string.h>

#include <new>
#include <vector>

#include "exported.h"

namespace unspool {
namespace {

enum Kind : uint8_t { OTHER, SPACE, WORD, PUNCTUATION, FOREIGN };

struct Characters {
  uint8_t kind[256];
  char lower[256];
  bool parts_words[256];  // by the convention of `read_words`; what is not ASCII does not
  Characters() {
    for (int c = 0; c < 256; ++c) {
      const bool upper = c >= 'A' && c <= 'Z';
      lower[c] = static_cast<char>(upper ? c + 'a' - 'A' : c);
      kind[c] = OTHER;
      if (c >= 0x80) {
        kind[c] = FOREIGN;
      } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
        kind[c] = SPACE;
      } else if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        kind[c] = WORD;
      } else if (c > ' ' && c < 0x7f) {
        kind[c] = PUNCTUATION;
      }
      parts_words[c] = kind[c] == SPACE || (c >= 28 && c <= 31) || (kind[c] == PUNCTUATION && c != '\'');
    }
  }
};
const Characters characters;

Kind kind_of(char c) { return static_cast<Kind>(characters.kind[static_cast<uint8_t>(c)]); }
char lower(char c) { return characters.lower[static_cast<uint8_t>(c)]; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

// Strings by number. The hash decides places only; strings are compared whole.
class Strings {
 public:
  Strings() : slots_(1024, -1) {}

  int32_t find(const char* text, size_t length) const { return slots_[place(hash(text, length), text, length)]; }

  int32_t add(const char* text, size_t length) {
    const uint64_t h = hash(text, length);
    size_t at = place(h, text, length);
    if (slots_[at] >= 0) return slots_[at];
    if (2 * hashes_.size() >= slots_.size()) {
      grow();
      at = place(h, text, length);
    }
    const int32_t number = static_cast<int32_t>(hashes_.size());
    bytes_.insert(bytes_.end(), text, text + length);
    starts_.push_back(static_cast<int64_t>(bytes_.size()));
    hashes_.push_back(h);
    slots_[at] = number;
    return number;
  }

  const std::vector<char>& bytes() const { return bytes_; }
  const std::vector<int64_t>& starts() const { return starts_; }

 private:
  static uint64_t hash(const char* text, size_t length) {
    uint64_t h = 0x9e3779b97f4a7c15u ^ length;
    for (; length >= 8; text += 8, length -= 8) h = mix(h, word(text, 8));
    return length ? mix(h, word(text, length)) : h;
  }
  static uint64_t word(const char* text, size_t length) {
    uint64_t w = 0;
    memcpy(&w, text, length);
    return w;
  }
  static uint64_t mix(uint64_t h, uint64_t w) {
    h = (h ^ w) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
  }

  size_t place(uint64_t h, const char* text, size_t length) const {
    const size_t last = slots_.size() - 1;
    for (size_t at = h & last;; at = (at + 1) & last) {
      const int32_t number = slots_[at];
      if (number < 0) return at;
      const int64_t start = starts_[number];
      if (hashes_[number] == h && static_cast<size_t>(starts_[number + 1] - start) == length &&
          memcmp(bytes_.data() + start, text, length) == 0)
        return at;
    }
  }

  void grow() {
    std::vector<int32_t> wider(2 * slots_.size(), -1);
    const size_t last = wider.size() - 1;
    for (size_t number = 0; number < hashes_.size(); ++number) {
      size_t at = hashes_[number] & last;
      while (wider[at] >= 0) at = (at + 1) & last;
      wider[at] = static_cast<int32_t>(number);
    }
    slots_.swap(wider);
  }

  std::vector<int32_t> slots_;  // twice as many as strings or more, a power of two; -1: free
  std::vector<uint64_t> hashes_;
  std::vector<int64_t> starts_{0};
  std::vector<char> bytes_;
};

struct Lexicon {
  Strings tokens, pieces;
};

bool is_ascii_space(char c) { return kind_of(c) == SPACE; }
bool is_space(char c) { return kind_of(c) == SPACE || (c >= 28 && c <= 31); }  // as Python's texts have it

// The length of the line break that begins at `p`, or 0; `blank` says what may stand in it.
int64_t line_break(const char* p, const char* end, bool (*blank)(char)) {
  if (end - p < 4 || *p != '<' || lower(p[1]) != 'b' || lower(p[2]) != 'r') return 0;
  const char* q = p + 3;
  while (q < end && blank(*q)) ++q;
  if (q < end && *q == '/') ++q;
  return q < end && *q == '>' ? q + 1 - p : 0;
}

class Reader {
 public:
  Reader(Lexicon& lexicon, bool grow, int32_t unknown, int32_t* ids)
      : lexicon_(lexicon), grow_(grow), unknown_(unknown), ids_(ids) {}

  void text(const char* p, const char* end) {
    while (p < end) {
      if (kind_of(*p) == SPACE) {
        ++p;
        continue;
      }
      bool foreign = false;
      const char* start = p;
      int64_t skipped = 0;
      for (; p < end && kind_of(*p) != SPACE && (skipped = line_break(p, end, is_ascii_space)) == 0; ++p) foreign |= kind_of(*p) == FOREIGN;
      if (foreign) {
        *ids_++ = -1 - lexicon_.pieces.add(start, static_cast<size_t>(p - start));
      } else {
        piece(start, p);
      }
      p += skipped;
    }
  }

  int32_t* ids() const { return ids_; }

 private:
  void piece(const char* p, const char* end) {
    while (p < end) {
      const Kind kind = kind_of(*p);
      const char* start = p++;
      if (kind == OTHER) continue;
      while (p < end && kind_of(*p) == kind) ++p;
      if (kind == WORD && p + 1 < end && *p == '\'' && is_letter(p[1])) {
        for (++p; p < end && is_letter(*p);) ++p;
      }
      token(start, p);
    }
  }

  void token(const char* p, const char* end) {
    token_.clear();
    for (; p < end; ++p) token_.push_back(lower(*p));
    const char* text = token_.data();
    const size_t length = token_.size();
    int32_t number = grow_ ? lexicon_.tokens.add(text, length) : lexicon_.tokens.find(text, length);
    *ids_++ = number < 0 ? unknown_ : number;
  }

  Lexicon& lexicon_;
  const bool grow_;
  const int32_t unknown_;
  int32_t* ids_;
  std::vector<char> token_;  // the one being read, in lower case
};

bool parts_words(char c) { return characters.parts_words[static_cast<uint8_t>(c)]; }

// Reads only: several threads may share a lexicon.
int64_t read_words(const Strings& tokens, const char* p, const char* end, int32_t* ids) {
  const int32_t* first = ids;
  char near[64];
  std::vector<char> far;  // of a word that is longer
  while (p < end) {
    if (parts_words(*p)) {
      const int64_t skipped = *p == '<' ? line_break(p, end, is_space) : 0;
      p += skipped ? skipped : 1;
      continue;
    }
    const char* start = p;
    while (p < end && !parts_words(*p)) ++p;
    const size_t length = static_cast<size_t>(p - start);
    if (length > sizeof near) far.resize(length);
    char* word = length > sizeof near ? far.data() : near;
    for (size_t i = 0; i < length; ++i) word[i] = lower(start[i]);
    *ids++ = tokens.find(word, length);
  }
  return ids - first;
}

Lexicon& opened(void* lexicon) { return *static_cast<Lexicon*>(lexicon); }
const Strings& chosen(void* lexicon, int32_t which) { return which ? opened(lexicon).pieces : opened(lexicon).tokens; }

}  // namespace
}  // namespace unspool

using namespace unspool;

UNSPOOL_EXPORT void* unspool_lexicon_new() {
  try {
    return new Lexicon;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

UNSPOOL_EXPORT void unspool_lexicon_free(void* lexicon) { delete static_cast<Lexicon*>(lexicon); }

UNSPOOL_EXPORT int64_t unspool_lexicon_read(void* lexicon, const char* bytes, const int64_t* starts, int64_t texts,
                                            int32_t grow, int32_t unknown, int32_t* ids, int64_t* offsets) {
  try {
    opened(lexicon).pieces = Strings();
    Reader reader(opened(lexicon), grow != 0, unknown, ids);
    offsets[0] = 0;
    for (int64_t i = 0; i < texts; ++i) {
      reader.text(bytes + starts[i], bytes + starts[i + 1]);
      offsets[i + 1] = reader.ids() - ids;
    }
    return reader.ids() - ids;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

UNSPOOL_EXPORT int32_t unspool_lexicon_add(void* lexicon, const char* bytes, int64_t length) {
  try {
    return opened(lexicon).tokens.add(bytes, static_cast<size_t>(length));
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

UNSPOOL_EXPORT int64_t unspool_lexicon_load(void* lexicon, const char* bytes, const int64_t* starts, int64_t count) {
  try {
    Strings& tokens = opened(lexicon).tokens;
    for (int64_t i = 0; i < count; ++i) tokens.add(bytes + starts[i], static_cast<size_t>(starts[i + 1] - starts[i]));
    return static_cast<int64_t>(tokens.starts().size()) - 1;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

UNSPOOL_EXPORT int32_t unspool_lexicon_find(void* lexicon, const char* bytes, int64_t length) {
  return opened(lexicon).tokens.find(bytes, static_cast<size_t>(length));
}

UNSPOOL_EXPORT int64_t unspool_lexicon_words(void* lexicon, const char* bytes, int64_t size, int32_t* ids) {
  try {
    return read_words(opened(lexicon).tokens, bytes, bytes + size, ids);
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

UNSPOOL_EXPORT int64_t unspool_lexicon_size(void* lexicon, int32_t which, int64_t* bytes) {
  const Strings& strings = chosen(lexicon, which);
  *bytes = static_cast<int64_t>(strings.bytes().size());
  return static_cast<int64_t>(strings.starts().size()) - 1;
}

UNSPOOL_EXPORT void unspool_lexicon_copy(void* lexicon, int32_t which, char* bytes, int64_t* starts) {
  const Strings& strings = chosen(lexicon, which);
  memcpy(bytes, strings.bytes().data(), strings.bytes().size());
  memcpy(starts, strings.starts().data(), strings.starts().size() * sizeof(int64_t));
}
