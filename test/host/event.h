/* event.h: an event of the loop as plugins know it; fields and numbers follow mk_event.h of Fluent Bit 5.1.1. */
#ifndef TESTHOST_EVENT_H
#define TESTHOST_EVENT_H

#include <stdint.h>

enum { EVENT_READ = 1, EVENT_WRITE = 4 };      /* masks */
enum { EVENT_NONE = 1, EVENT_REGISTERED = 2 }; /* status */
enum { EVENT_CUSTOM = 4 };                     /* type: the loop calls the handler */

struct mk_list {
    void *prev, *next;
};

struct mk_event {
    int fd, type;
    uint32_t mask;
    uint8_t status;
    void *data;
    int (*handler)(void *event);
    struct mk_list head, priority_head;
    char priority;
};

/* The calling thread is the one whose loop plugins get. */
void event_loop_start(void);
/* Waits until wake is readable or the time is over, and calls the handlers of what is ready. */
void event_wait(int wake, int milliseconds);

#endif
