#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#include "coroutine.h"

enum { EVENT_CUSTOM = 4, EVENT_READ = 1, EVENT_REGISTERED = 2 };

struct link {
    void *prev, *next;
};

/* An event of the host's loop, which calls handler with it. */
struct event {
    int fd, type;
    uint32_t mask;
    uint8_t status;
    void *data;
    int (*handler)(void *);
    struct link head, priority_head;
    char priority;
    char later[64]; /* room for what a newer host may append */
};

/* A coroutine of the host's, of which place is a part. */
struct coroutine;

/* Where to go back to, and where to resume. */
struct place {
    void *caller, *callee;
};

static struct {
    struct coroutine *(*current)(void);
    void (*set_current)(struct coroutine *);
    void *(*active)(void);
    void (*switch_to)(void *);
    void *(*loop)(void);
    int (*add)(void *, int, int, uint32_t, void *);
    int (*del)(void *, void *);
} host;

static int find(void *slot, const char *name)
{
    *(void **)slot = dlsym(RTLD_DEFAULT, name);
    return *(void **)slot != NULL;
}

int coroutine_find(void)
{
    return find(&host.current, "flb_coro_get") && find(&host.set_current, "flb_coro_set") &&
           find(&host.active, "co_active") && find(&host.switch_to, "co_switch") &&
           find(&host.loop, "flb_engine_evl_get") && find(&host.add, "mk_event_add") && find(&host.del, "mk_event_del");
}

/* What a suspended flush needs: on its own stack, which stays. */
struct wait {
    struct event event; /* first: the host's handlers get its address */
    void *loop;
    struct coroutine *coroutine;
    struct place *place;
};

/*
 * place_of finds the place in the coroutine that runs, NULL if it is not what is
 * known here: its callee is what runs. A host that was built with valgrind's
 * header at hand has a number in front of it.
 */
static struct place *place_of(struct coroutine *c)
{
    struct place *at = (struct place *)c, *behind = (struct place *)((void **)c + 1);
    void *active = host.active();

    if (c == NULL) {
        return NULL;
    }
    return at->callee == active ? at : behind->callee == active ? behind : NULL;
}

/* resume is called by the loop, on its own stack, when fd is readable. */
static int resume(void *event)
{
    struct wait *w = event;
    struct place *p = w->place;

    host.del(w->loop, &w->event);
    host.set_current(w->coroutine);
    p->caller = host.active();
    host.switch_to(p->callee); /* w is gone when this returns */
    return 0;
}

int coroutine_wait(int fd)
{
    struct wait w = {.loop = host.loop(), .coroutine = host.current()};

    w.place = place_of(w.coroutine);
    if (w.loop == NULL || w.place == NULL) {
        return 0;
    }
    w.event.handler = resume;
    if (host.add(w.loop, fd, EVENT_CUSTOM, EVENT_READ, &w.event) != 0) {
        return 0;
    }
    if (w.event.fd != fd || w.event.type != EVENT_CUSTOM || w.event.mask != EVENT_READ ||
        w.event.status != EVENT_REGISTERED || w.event.handler != resume) {
        host.del(w.loop, &w.event);
        return 0;
    }
    host.switch_to(w.place->caller);
    return 1;
}
