/*
 * Waiting for a flush without holding up the thread that called it.
 *
 * The host runs each flush on a coroutine of its event loop. Its built-in
 * outputs give the thread back while their sockets wait; a Go plugin has no way
 * to, so its flushes block the engine, or a worker. A host with workers for a
 * Go plugin is worse off still: 5.1.1 starts them twice, forgets the first
 * ones, and these go on using the instance after it is freed.
 *
 * What the host does for its sockets can be done with an event of our own, by
 * functions that it exports (include/fluent-bit/flb_coro.h and flb_engine.h,
 * lib/monkey/include/monkey/mk_core/mk_event.h). They and the structures below
 * are the same from 2.1 to 5.1.1.
 */
#ifndef TIDEGATE_COROUTINE_H
#define TIDEGATE_COROUTINE_H

/* coroutine_find looks the host's functions up; 0 where one is missing. */
int coroutine_find(void);

/*
 * coroutine_wait returns once fd is readable. Meanwhile the calling coroutine
 * is suspended and its thread serves other events. It returns 0 without having
 * waited where that cannot be done.
 */
int coroutine_wait(int fd);

#endif
