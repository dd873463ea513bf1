/* A disk that takes its time: adds SLOW_FSYNC_US microseconds to every fsync and fdatasync.
 *
 * cc -shared -fPIC -O2 -o slow_fsync.so bench/slow_fsync.c -ldl
 * SLOW_FSYNC_US=5000 LD_PRELOAD=./slow_fsync.so python -m bench.store_bench
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void linger(void)
{
    const char *said = getenv("SLOW_FSYNC_US");
    long us = said ? atol(said) : 0;
    struct timespec left = {us / 1000000, (us % 1000000) * 1000};
    if (us > 0)
        nanosleep(&left, NULL);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    linger();
    return real(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    linger();
    return real(fd);
}
