/* A disk that fails: of the calls on files below a folder, the one of a given number fails with a given error.

   Loaded before everything else (LD_PRELOAD), so that the calls of Python, HDF5, NumPy and safetensors all come through.
   `failing_disk_set` begins to count anew; `failing_disk_count` says how many calls there were, `failing_disk_failed`
   which one failed, by its name and path. `failing_disk_list` writes name and path of each call to a file, a line each. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long fail_at, calls;
static int fail_with, listed_to = -1;
static char failed[PATH_MAX + 64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void failing_disk_set(const char *path, long at, int with) {
  pthread_mutex_lock(&lock);
  snprintf(folder, sizeof folder, "%s", path);
  fail_at = at, fail_with = with, calls = 0, failed[0] = 0;
  pthread_mutex_unlock(&lock);
}

void failing_disk_list(int fd) { listed_to = fd; }
long failing_disk_count(void) { return calls; }
const char *failing_disk_failed(void) { return failed; }

/* Whether this call is the one that fails. */
static int strikes(const char *name, const char *path) {
  size_t length = strlen(folder);
  if (length == 0 || strncmp(path, folder, length) != 0) return 0;
  pthread_mutex_lock(&lock);
  int now = ++calls == fail_at;
  if (listed_to >= 0) dprintf(listed_to, "%s %s\n", name, path + length);
  if (now) snprintf(failed, sizeof failed, "%s %s", name, path);
  pthread_mutex_unlock(&lock);
  if (now) errno = fail_with;
  return now;
}

static const char *path_of(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, PATH_MAX - 1);
  buffer[length > 0 ? length : 0] = 0;
  return buffer;
}

static const char *path_at(int at, const char *path, char *buffer) {
  if (path[0] == '/' || at == AT_FDCWD) return path;
  path_of(at, buffer);
  size_t length = strlen(buffer);
  snprintf(buffer + length, PATH_MAX - length, "/%s", path);
  return buffer;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define ON_FD(type, name, declared, ...)                 \
  type name declared {                                   \
    REAL(name);                                          \
    char buffer[PATH_MAX];                               \
    if (folder[0] && strikes(#name, path_of(fd, buffer))) return -1; \
    return real(__VA_ARGS__);                            \
  }
#define ON_PATH(type, name, declared, ...)               \
  type name declared {                                   \
    REAL(name);                                          \
    if (strikes(#name, path)) return -1;                 \
    return real(__VA_ARGS__);                            \
  }
#define ON_PATH_AT(type, name, declared, ...)            \
  type name declared {                                   \
    REAL(name);                                          \
    char buffer[PATH_MAX];                               \
    if (folder[0] && strikes(#name, path_at(at, path, buffer))) return -1; \
    return real(__VA_ARGS__);                            \
  }
#define STATS(name, kind) ON_PATH(int, name, (const char *path, struct kind *result), path, result)
#define OPENS(name)                                      \
  int name(const char *path, int flags, ...) {           \
    REAL(name);                                          \
    va_list more;                                        \
    va_start(more, flags);                               \
    mode_t mode = va_arg(more, mode_t);                  \
    va_end(more);                                        \
    if (strikes(#name, path)) return -1;                 \
    return real(path, flags, mode);                      \
  }

OPENS(open)
OPENS(open64)
STATS(stat, stat)
STATS(stat64, stat64)
STATS(lstat, stat)
STATS(lstat64, stat64)
ON_FD(ssize_t, read, (int fd, void *data, size_t size), fd, data, size)
ON_FD(ssize_t, pread, (int fd, void *data, size_t size, off_t at), fd, data, size, at)
ON_FD(ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), fd, data, size, at)
ON_FD(ssize_t, write, (int fd, const void *data, size_t size), fd, data, size)
ON_FD(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), fd, data, size, at)
ON_FD(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), fd, data, size, at)
ON_FD(ssize_t, writev, (int fd, const struct iovec *data, int count), fd, data, count)
ON_FD(int, fsync, (int fd), fd)
ON_FD(int, fdatasync, (int fd), fd)
ON_FD(int, ftruncate, (int fd, off_t size), fd, size)
ON_FD(int, ftruncate64, (int fd, off64_t size), fd, size)
ON_PATH(int, rename, (const char *path, const char *target), path, target)
ON_PATH(int, unlink, (const char *path), path)
ON_PATH(int, rmdir, (const char *path), path)
ON_PATH(int, mkdir, (const char *path, mode_t mode), path, mode)
ON_PATH_AT(int, unlinkat, (int at, const char *path, int flags), at, path, flags)

DIR *opendir(const char *path) {
  REAL(opendir);
  return strikes("opendir", path) ? NULL : real(path);
}
