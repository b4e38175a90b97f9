/* A clock that stands still, for programs that have no other way to be told the instant. Preloaded. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The instant of the sample's verdict: `AT` of the benchmarks. */
#define AT 1751000000

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (clock != CLOCK_REALTIME) {
        return (int)syscall(SYS_clock_gettime, clock, now);
    }
    now->tv_sec = AT;
    now->tv_nsec = 0;
    return 0;
}
