/* clock.h: monotonic time in nanoseconds, and timers that fire when Fluent Bit's do. */
#ifndef TESTHOST_CLOCK_H
#define TESTHOST_CLOCK_H

#include <stdint.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
#define NEVER UINT64_MAX

struct timer {
    uint64_t due; /* NEVER: stopped */
    uint64_t interval;
};

static inline uint64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * SECOND + (uint64_t) t.tv_nsec;
}

/*
 * The engine's timers start on whole seconds of the monotonic clock: one of 1 s fires first after anything between
 * 0 and 1 s, one below 1 s fires at once.
 */
static inline uint64_t clock_align(uint64_t now, uint64_t wait) { return now - now % SECOND + wait - wait % SECOND; }

static inline void timer_start(struct timer *t, uint64_t now, uint64_t interval)
{
    t->interval = interval;
    t->due = clock_align(now, interval);
}

/* Reports once for all expirations up to now, as reading a timerfd does. */
static inline int timer_fired(struct timer *t, uint64_t now)
{
    if (now < t->due) {
        return 0;
    }
    t->due += ((now - t->due) / t->interval + 1) * t->interval;
    return 1;
}

#endif
