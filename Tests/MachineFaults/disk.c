#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#ifdef __linux__

/// Whether a descriptor is open on a file of a node's data directory.
static int is_data(int descriptor) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "/data/") != NULL;
}

/// Ends the call with `error`, if there is one and the descriptor is of data.
static int fails(int descriptor, int64_t error) {
    if (error == 0 || !is_data(descriptor)) return 0;
    __atomic_fetch_add(&machine_faults()->struck, 1, __ATOMIC_RELAXED);
    errno = (int)error;
    return 1;
}

static void wait_for_disk(void) {
    int64_t delay = machine_faults()->flush_delay;
    if (delay <= 0) return;
    struct timespec time = {delay / 1000000, delay % 1000000 * 1000};
    nanosleep(&time, NULL);
}

static int flush(int descriptor, long call) {
    wait_for_disk();
    return fails(descriptor, machine_faults()->flush_error) ? -1 : (int)syscall(call, descriptor);
}

int fdatasync(int descriptor) { return flush(descriptor, SYS_fdatasync); }

int fsync(int descriptor) { return flush(descriptor, SYS_fsync); }

/// Whether each write to a descriptor is a flush too, as that of a database's head is.
static int flushes_writes(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && (flags & O_DSYNC) != 0;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (machine_faults()->flush_delay > 0 && flushes_writes(descriptor)) wait_for_disk();
    if (fails(descriptor, machine_faults()->write_error)) return -1;
    return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    if (fails(descriptor, machine_faults()->write_error)) return -1;
    return syscall(SYS_writev, descriptor, pieces, count);
}

int statvfs(const char *restrict path, struct statvfs *restrict facts) {
    struct statfs volume;
    if (statfs(path, &volume) != 0) return -1;
    memset(facts, 0, sizeof *facts);
    facts->f_bsize = (unsigned long)volume.f_bsize;
    facts->f_frsize = (unsigned long)(volume.f_frsize != 0 ? volume.f_frsize : volume.f_bsize);
    facts->f_blocks = volume.f_blocks;
    facts->f_bfree = volume.f_bfree;
    facts->f_bavail = volume.f_bavail;
    facts->f_files = volume.f_files;
    facts->f_ffree = facts->f_favail = volume.f_ffree;
    facts->f_namemax = (unsigned long)volume.f_namelen;
    int64_t free_bytes = machine_faults()->free_bytes;
    if (free_bytes) {
        facts->f_bfree = facts->f_bavail = (unsigned long)free_bytes / facts->f_frsize;
        __atomic_fetch_add(&machine_faults()->struck, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

#endif
