#define _GNU_SOURCE
#include "DiskTrace.h"

#if defined(__linux__)
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { descriptors = 1024 };
/// What a descriptor is open on: 0 nothing of ours, 1 a database, 2 a database with O_DSYNC, 3 the acknowledgements.
static char roles[descriptors];
static int trace = -1;
static int is_unsynced;
static long fail_flush = -1, fail_meta = -1, full_after = -1;
static long flushes, metas, bytes_written;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long setting(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : -1;
}

void disk_trace_begin(void) {
    const char *path = getenv("DISK_TRACE");
    if (path) trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    is_unsynced = getenv("DISK_TRACE_UNSYNCED") != NULL;
    fail_flush = setting("DISK_FAIL_FLUSH");
    fail_meta = setting("DISK_FAIL_META");
    full_after = setting("DISK_FULL_AFTER");
}

static void put(const void *bytes, size_t count) {
    while (count > 0) {
        long written = syscall(SYS_write, trace, bytes, count);
        if (written <= 0) abort();
        bytes = (const char *)bytes + written;
        count -= (size_t)written;
    }
}

static void head(char kind, uint64_t offset, uint64_t length) {
    char entry[17];
    entry[0] = kind;
    memcpy(entry + 1, &offset, 8);
    memcpy(entry + 9, &length, 8);
    put(entry, sizeof entry);
}

static void note(char kind, uint64_t offset, const void *bytes, size_t count) {
    if (trace < 0) return;
    pthread_mutex_lock(&lock);
    head(kind, offset, count);
    put(bytes, count);
    pthread_mutex_unlock(&lock);
}

static char role(int fd) { return fd >= 0 && fd < descriptors ? roles[fd] : 0; }

static int ends_with(const char *text, const char *end) {
    size_t count = strlen(text), tail = strlen(end);
    return count >= tail && strcmp(text + count - tail, end) == 0;
}

static int opened(const char *path, int flags, int mode) {
    int is_database = ends_with(path, "/data.mdb");
    if (is_database && is_unsynced) flags &= ~O_DSYNC;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && fd < descriptors)
        roles[fd] = is_database ? (flags & O_DSYNC ? 2 : 1) : ends_with(path, "/acknowledgements") ? 3 : 0;
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return opened(path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
    if (fd >= 0 && fd < descriptors) roles[fd] = 0;
    return (int)syscall(SYS_close, fd);
}

/// Whether the next write of `count` bytes to `fd` is to fail; sets errno.
static int fails(int fd, size_t count) {
    if (role(fd) == 2 && ++metas == fail_meta) return errno = EIO, 1;
    bytes_written += (long)count;
    if (full_after >= 0 && bytes_written > full_after) return errno = ENOSPC, 1;
    return 0;
}

static void durable(int fd, ssize_t result) {
    if (role(fd) == 2 && result >= 0) note('D', 0, NULL, 0);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    char kind = role(fd);
    if (kind == 1 || kind == 2) {
        if (fails(fd, count)) return -1;
        note('W', (uint64_t)offset, bytes, count);
    }
    ssize_t result = syscall(SYS_pwrite64, fd, bytes, count, offset);
    durable(fd, result);
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return pwrite(fd, bytes, count, offset); }

ssize_t write(int fd, const void *bytes, size_t count) {
    char kind = role(fd);
    if (kind == 3) note('A', 0, bytes, count);
    if (kind == 1 || kind == 2) {
        if (fails(fd, count)) return -1;
        note('W', (uint64_t)lseek(fd, 0, SEEK_CUR), bytes, count);
    }
    ssize_t result = syscall(SYS_write, fd, bytes, count);
    durable(fd, result);
    return result;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    char kind = role(fd);
    if (kind == 1 || kind == 2) {
        size_t sum = 0;
        for (int part = 0; part < count; part++) sum += parts[part].iov_len;
        if (fails(fd, sum)) return -1;
        uint64_t offset = (uint64_t)lseek(fd, 0, SEEK_CUR);
        for (int part = 0; part < count; part++) {
            note('W', offset, parts[part].iov_base, parts[part].iov_len);
            offset += parts[part].iov_len;
        }
    }
    ssize_t result = syscall(SYS_writev, fd, parts, count);
    durable(fd, result);
    return result;
}

int ftruncate(int fd, off_t length) {
    char kind = role(fd);
    if (kind == 1 || kind == 2) note('T', (uint64_t)length, NULL, 0);
    return (int)syscall(SYS_ftruncate, fd, length);
}

static int flushed(int fd, long call) {
    char kind = role(fd);
    if (kind == 0 || kind == 3) return (int)syscall(call, fd);
    if (is_unsynced) return 0;
    if (++flushes == fail_flush) return errno = EIO, -1;
    note('S', 0, NULL, 0);
    int result = (int)syscall(call, fd);
    if (result == 0) note('F', 0, NULL, 0);
    return result;
}

int fdatasync(int fd) { return flushed(fd, SYS_fdatasync); }
int fsync(int fd) { return flushed(fd, SYS_fsync); }
#else
void disk_trace_begin(void) {}
#endif
