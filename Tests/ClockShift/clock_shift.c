// A library to be loaded before a program (LD_PRELOAD): the wall clock that the program sees is off by what a file says,
// which may change while the program runs. What measures how long something takes is left alone.
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock_shift.h"

#ifdef __linux__

/// Microseconds; eight bytes in the order of the machine, in the file that CLOCK_SHIFT_FILE names.
static int64_t shift(void) {
    static _Atomic(const volatile int64_t *) mapped;
    static const volatile int64_t none;
    const volatile int64_t *value = atomic_load(&mapped);
    if (value == NULL) {
        value = &none;
        const char *path = getenv("CLOCK_SHIFT_FILE");
        int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
            if (page != MAP_FAILED) value = page;
            close(file);
        }
        atomic_store(&mapped, value);
    }
    return *value;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t nanoseconds = time->tv_nsec + shift() % 1000000 * 1000;
        int64_t seconds = time->tv_sec + shift() / 1000000 + nanoseconds / 1000000000;
        nanoseconds %= 1000000000;
        time->tv_sec = nanoseconds < 0 ? seconds - 1 : seconds;
        time->tv_nsec = nanoseconds < 0 ? nanoseconds + 1000000000 : nanoseconds;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *seconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds != NULL) *seconds = now.tv_sec;
    return now.tv_sec;
}

#endif
