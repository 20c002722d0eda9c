// Marks the functions that the libraries show to their callers; all others are hidden.
#ifndef UNSPOOL_EXPORTED_H_
#define UNSPOOL_EXPORTED_H_

#define UNSPOOL_EXPORT extern "C" __attribute__((visibility("default")))

#endif  // UNSPOOL_EXPORTED_H_
