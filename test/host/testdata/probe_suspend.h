/*
 * probe_suspend.h: a flush of the probe leaves the host's thread for a while, with the functions that the host exports for its
 * own outputs. Option: suspend_ms.
 */
#include <stdint.h>
#include <sys/timerfd.h>

#include "../event.h"

/* Hosts that know valgrind have an id in front of it. */
struct probe_coroutine {
    void *caller, *callee;
};

struct probe_wait {
    struct mk_event event;
    void *loop, *whole;
    struct probe_coroutine *coroutine;
};

static void go(void *to) { ((void (*)(void *)) dlsym(RTLD_DEFAULT, "co_switch"))(to); }
static void *here(void) { return ((void *(*)(void)) dlsym(RTLD_DEFAULT, "co_active"))(); }

static int go_on(void *event)
{
    struct probe_wait *w = event;
    struct probe_coroutine *c = w->coroutine;

    ((int (*)(void *, void *)) dlsym(RTLD_DEFAULT, "mk_event_del"))(w->loop, event);
    ((void (*)(void *)) dlsym(RTLD_DEFAULT, "flb_coro_set"))(w->whole);
    c->caller = here();
    go(c->callee);
    return 0;
}

typedef int (*add_event_fn)(void *, int, int, uint32_t, void *);

/* Returns 0 where the host has no such functions or this thread no loop. */
static int suspend(long ms)
{
    void *(*loop)(void) = (void *(*)(void)) dlsym(RTLD_DEFAULT, "flb_engine_evl_get");
    void *(*coroutine)(void) = (void *(*)(void)) dlsym(RTLD_DEFAULT, "flb_coro_get");
    add_event_fn add = (add_event_fn) dlsym(RTLD_DEFAULT, "mk_event_add");
    struct itimerspec when = {.it_value = {ms / 1000, ms % 1000 * 1000000}};
    struct probe_wait w = {.event = {.handler = go_on}};
    int fd;

    if (loop == NULL || (w.loop = loop()) == NULL || (w.whole = coroutine()) == NULL) {
        return 0;
    }
    w.coroutine = w.whole;
    if (w.coroutine->callee != here()) {
        w.coroutine = (struct probe_coroutine *) ((char *) w.whole + sizeof(void *));
    }
    if (w.coroutine->callee != here()) {
        return 0;
    }
    fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(fd, 0, &when, NULL);
    if (add(w.loop, fd, EVENT_CUSTOM, EVENT_READ, &w.event) == 0) {
        go(w.coroutine->caller);
    }
    close(fd);
    return 1;
}
