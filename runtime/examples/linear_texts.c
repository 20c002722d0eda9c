/* A linear model of texts, exported by unspool, used from C with native/unspool.h alone.
 *
 *   cc -I native linear_texts.c _native.so -lm -o linear_texts
 *   ./linear_texts reviews.unspool "a fine film" "two hours I want back"
 *
 * prints the probability of the second of two labels. It knows models whose `model` is "linear texts" with one block of
 * n-grams of words that are weighted by "nb", in float32 or int8, and reads ASCII. The format is in docs/portable.md; a
 * model of your own needs no checks against a stranger's files, and so there are few here: see
 * unspool_runtime/archive.py for all of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unspool.h"

typedef struct {
  const char* bytes;
  int64_t size;
} Bytes;

static void stop(const char* why) {
  fprintf(stderr, "linear_texts: %s\n", why);
  exit(1);
}

static Bytes read_file(const char* path) {
  FILE* file = fopen(path, "rb");
  if (!file) stop("the model cannot be opened");
  fseek(file, 0, SEEK_END);
  const int64_t size = ftell(file);
  char* bytes = malloc((size_t)size + 1);
  rewind(file);
  if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) stop("the model cannot be read");
  bytes[size] = 0;
  fclose(file);
  return (Bytes){bytes, size};
}

static uint32_t number(const char* p, int width) {
  uint32_t found = 0;
  for (int i = 0; i < width; ++i) found |= (uint32_t)(unsigned char)p[i] << (8 * i);
  return found;
}

/* A member of the archive: they are stored as they are, so that it is enough to know where one begins. */
static Bytes member(Bytes file, const char* name) {
  const char* end = file.bytes + file.size - 22;
  const char* entry = file.bytes + number(end + 16, 4);
  for (uint32_t i = 0; i < number(end + 10, 2); ++i) {
    const uint32_t name_size = number(entry + 28, 2);
    if (name_size == strlen(name) && memcmp(entry + 46, name, name_size) == 0) {
      const char* local = file.bytes + number(entry + 42, 4);
      return (Bytes){local + 30 + number(local + 26, 2) + number(local + 28, 2), number(entry + 24, 4)};
    }
    entry += 46 + name_size + number(entry + 30, 2) + number(entry + 32, 2);
  }
  stop("the model lacks a member");
  return file;
}

/* The numbers of an array, and how many bytes they take; NULL where there is none. */
static const void* find(Bytes tensors, const char* name, int64_t* bytes) {
  const int64_t header = (int64_t)number(tensors.bytes, 4);
  char key[256];
  snprintf(key, sizeof key, "\"%s\":", name);
  char* text = malloc((size_t)header + 1);
  memcpy(text, tensors.bytes + 8, (size_t)header);
  text[header] = 0;
  const char* place = strstr(text, key);
  if (place) place = strstr(place, "\"data_offsets\":[");
  long long start, stop_at;
  const int there = place && sscanf(place, "\"data_offsets\":[%lld,%lld]", &start, &stop_at) == 2;
  free(text);
  if (!there) return NULL;
  *bytes = stop_at - start;
  return tensors.bytes + 8 + header + start;
}

static const void* array(Bytes tensors, const char* name, int64_t* bytes) {
  const void* found = find(tensors, name, bytes);
  if (!found) stop("the model lacks an array");
  return found;
}

/* Numbers that are there as float32, or as int8 with scales. */
static const float* floats(Bytes tensors, const char* name) {
  int64_t bytes, count, scales_bytes;
  const void* found = find(tensors, name, &bytes);
  if (found) return found;
  char part[256];
  snprintf(part, sizeof part, "%s.int8", name);
  const int8_t* numbers = array(tensors, part, &count);
  snprintf(part, sizeof part, "%s.scales", name);
  const float* scales = array(tensors, part, &scales_bytes);
  float* expanded = malloc((size_t)count * sizeof *expanded + 1);
  if (!expanded || !scales_bytes) stop("memory is short, or scales are missing");
  const int64_t block = (count + scales_bytes / 4 - 1) / (scales_bytes / 4);
  unspool_expand_int8(numbers, scales, block, count, NULL, 1, expanded);
  return expanded;
}

enum { MOST_LEVELS = 8 };

typedef struct {
  void* lexicon;
  int64_t levels, widths[MOST_LEVELS];
  void* tables[MOST_LEVELS]; /* of the lengths 2, 3, ... */
  const float *weights, *coefficients;
  double constant, factor, offset;
} Model;

static Model load(const char* path) {
  const Bytes tensors = member(read_file(path), "weights.safetensors");
  Model model = {0};
  int64_t bytes, raw;
  const char* tokens = array(tensors, "model.blocks.0.alphabet.bytes", &raw);
  const int64_t* starts = array(tensors, "model.blocks.0.alphabet.starts", &bytes);
  model.lexicon = unspool_lexicon_new();
  model.widths[0] = unspool_lexicon_load(model.lexicon, tokens, starts, bytes / 8 - 1);
  for (model.levels = 1; model.levels < 3; ++model.levels) { /* n-grams of 1 to 3 words */
    char name[64];
    snprintf(name, sizeof name, "model.blocks.0.levels.%d.first", (int)model.levels - 1);
    const int32_t* first = array(tensors, name, &bytes);
    snprintf(name, sizeof name, "model.blocks.0.levels.%d.last", (int)model.levels - 1);
    const int32_t* last = array(tensors, name, &bytes);
    model.tables[model.levels] = unspool_ngrams_load(bytes / 4, first, last, NULL);
    model.widths[model.levels] = bytes / 4;
  }
  model.weights = floats(tensors, "model.blocks.0.weights");
  model.coefficients = floats(tensors, "model.blocks.0.coefficients");
  model.constant = *(const double*)array(tensors, "model.constant", &bytes);
  const double* scale = array(tensors, "model.scale", &bytes);
  model.factor = scale[0], model.offset = scale[1];
  return model;
}

static double probability(const Model* model, const char* text) {
  const int64_t size = (int64_t)strlen(text), bounds[2] = {0, size};
  int64_t offsets[2], rows[2], before = 0;
  int32_t* tokens = malloc(((size_t)size + 1) * sizeof *tokens);
  int32_t* grams = malloc(((size_t)size + 1) * sizeof *grams);
  int32_t* columns = malloc(((size_t)size + 1) * sizeof *columns);
  const int64_t count = unspool_lexicon_read(model->lexicon, text, bounds, 1, 0, -1, tokens, offsets);
  if (count < 0) stop("memory is short");
  memcpy(grams, tokens, (size_t)count * sizeof *grams);
  double sum = 0, squares = 0;
  for (int64_t level = 0; level < model->levels; ++level) {
    if (level) unspool_ngrams_find(model->tables[level], tokens, offsets, 1, grams, (int32_t)level + 1, -1, grams);
    if (unspool_ngrams_distinct(grams, offsets, 1, model->widths[level], columns, NULL, rows) < 0)
      stop("memory is short");
    for (int64_t i = 0; i < rows[1]; ++i) {
      const double weight = model->weights[before + columns[i]];
      sum += weight * model->coefficients[before + columns[i]];
      squares += weight * weight;
    }
    before += model->widths[level];
  }
  free(tokens), free(grams), free(columns);
  const double score = (sum / (squares > 0 ? sqrt(squares) : 1) + model->constant) * model->factor + model->offset;
  return 1 / (1 + exp(-score));
}

int main(int count, char** arguments) {
  if (count < 3) stop("usage: linear_texts MODEL TEXT...");
  if (unspool_abi_version() != UNSPOOL_ABI_VERSION) stop("the library is of another version");
  const Model model = load(arguments[1]);
  for (int i = 2; i < count; ++i) printf("%.9f\n", probability(&model, arguments[i]));
  return 0;
}
