#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#ifdef __linux__

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t shift = machine_faults()->clock_shift;
        int64_t nanoseconds = time->tv_nsec + shift % 1000000 * 1000;
        int64_t seconds = time->tv_sec + shift / 1000000 + nanoseconds / 1000000000;
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
