/*
 * event.c: of the engine's event loop what a suspended flush needs: a descriptor to wait for, and a handler to call then. Only
 * the engine's thread has a loop here; Fluent Bit's workers have one each.
 */
#include "event.h"

#include <poll.h>

#include "host.h"

enum { EVENTS_MAX = 1024 };

static struct loop {
    struct mk_event *events[EVENTS_MAX];
    size_t count;
} loop;

static _Thread_local struct loop *mine;

void event_loop_start(void) { mine = &loop; }

SUSPENDING struct loop *flb_engine_evl_get(void) { return mine; }

/* As in the engine, an event that is already in the loop only changes. */
SUSPENDING int mk_event_add(struct loop *l, int fd, int type, uint32_t mask, struct mk_event *event)
{
    if (event->mask == 0) {
        if (l->count == EVENTS_MAX) {
            return -1;
        }
        l->events[l->count++] = event;
        event->fd = fd;
        event->status = EVENT_REGISTERED;
    }
    event->type = type;
    event->mask = mask;
    return 0;
}

static size_t position(const struct loop *l, const struct mk_event *event)
{
    size_t i = 0;

    while (i < l->count && l->events[i] != event) {
        i++;
    }
    return i;
}

SUSPENDING int mk_event_del(struct loop *l, struct mk_event *event)
{
    size_t i = position(l, event);

    if (i == l->count) {
        return -1;
    }
    l->events[i] = l->events[--l->count];
    event->mask = 0;
    event->status = EVENT_NONE;
    return 0;
}

/* A handler may end events, its own and others. */
static void call_ready(const struct pollfd *fds, struct mk_event *const *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i].revents != 0 && position(&loop, events[i]) < loop.count && events[i]->type == EVENT_CUSTOM) {
            events[i]->handler(events[i]);
        }
    }
    coroutine_reap();
}

void event_wait(int wake, int milliseconds)
{
    struct pollfd fds[EVENTS_MAX + 1];
    struct mk_event *events[EVENTS_MAX];
    size_t count = loop.count;

    for (size_t i = 0; i < count; i++) {
        struct mk_event *e = events[i] = loop.events[i];
        int wanted = (e->mask & EVENT_READ ? POLLIN : 0) | (e->mask & EVENT_WRITE ? POLLOUT : 0);
        fds[i] = (struct pollfd) {e->fd, (short) wanted, 0};
    }
    fds[count] = (struct pollfd) {wake, POLLIN, 0};
    if (poll(fds, count + 1, milliseconds) > 0) {
        call_ready(fds, events, count);
    }
}
