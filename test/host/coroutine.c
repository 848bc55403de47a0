/*
 * coroutine.c: the engine calls each flush in a coroutine whose stack is far smaller than a thread's. A plugin that runs C code
 * there must fit, and one that does not must die here on the guard page, not in production.
 *
 * A flush may also leave the thread to others while it waits, by the functions of Fluent Bit's coroutines and of its event loop
 * (event.c), as the engine's own outputs do. It comes back on the same thread.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "host.h"

/* What co_active and co_switch call a coroutine; each thread is one as well. */
struct fiber {
    ucontext_t context;
    const void *stack;
    size_t size;
    void *frames; /* the sanitizer's */
};

/* The first three fields are struct flb_coro, which plugins read and write. */
struct coroutine {
    void *caller, *callee, *data;
    struct fiber fiber;
    char *memory;
    size_t memory_size;
    void (*call)(void *);
    void *argument;
    bool ended;
    LIST_ENTRY(coroutine) next;
};

static _Thread_local struct fiber thread_fiber, *active;
static _Thread_local struct coroutine *current;
static _Thread_local LIST_HEAD(coroutines, coroutine) alive;
static struct coroutines abandoned; /* for who looks for leaks */

/*
 * The sanitizer must know on which stack it is: it takes the calls from there, and memory whose caller it does not know never
 * counts as leaked.
 */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#else
static inline void __sanitizer_start_switch_fiber(void **frames, const void *stack, size_t size)
{
    (void) frames, (void) stack, (void) size;
}

static inline void __sanitizer_finish_switch_fiber(void *frames, const void **stack, size_t *size)
{
    (void) frames, (void) stack, (void) size;
}
#endif

SUSPENDING void *co_active(void) { return active != NULL ? active : &thread_fiber; }

SUSPENDING void co_switch(void *to)
{
    struct fiber *from = co_active(), *target = to;

    active = target;
    __sanitizer_start_switch_fiber(&from->frames, target->stack, target->size);
    swapcontext(&from->context, &target->context);
    __sanitizer_finish_switch_fiber(from->frames, NULL, NULL);
}

SUSPENDING void *flb_coro_get(void) { return current; }
SUSPENDING void flb_coro_set(void *coroutine) { current = coroutine; }

static void entry(void)
{
    struct coroutine *co = current;
    struct fiber *back = co->caller;

    __sanitizer_finish_switch_fiber(NULL, &back->stack, &back->size);
    co->call(co->argument);
    co->ended = true;
    active = back = co->caller; /* another one by now, where it was resumed */
    __sanitizer_start_switch_fiber(NULL, back->stack, back->size);
    setcontext(&back->context);
}

static struct coroutine *create(void (*call)(void *), void *argument)
{
    struct coroutine *co = must(calloc(1, sizeof *co));
    size_t guard = (size_t) sysconf(_SC_PAGESIZE);
    /* The sanitizer's own frames need more than the engine gives. */
#ifdef __SANITIZE_ADDRESS__
    size_t size = 16 * STACK_BYTES;
#else
    size_t size = STACK_BYTES;
#endif

    co->call = call;
    co->argument = argument;
    co->memory_size = guard + size;
    co->memory = mmap(NULL, guard + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (co->memory == MAP_FAILED || mprotect(co->memory, guard, PROT_NONE) != 0 || getcontext(&co->fiber.context) != 0) {
        abort();
    }
    co->fiber.stack = co->memory + guard;
    co->fiber.size = size;
    co->fiber.context.uc_stack.ss_sp = co->memory + guard;
    co->fiber.context.uc_stack.ss_size = size;
    makecontext(&co->fiber.context, entry, 0);
    LIST_INSERT_HEAD(&alive, co, next);
    return co;
}

void coroutine_reap(void)
{
    struct coroutine *co = LIST_FIRST(&alive), *after;

    for (; co != NULL; co = after) {
        after = LIST_NEXT(co, next);
        if (co->ended) {
            LIST_REMOVE(co, next);
            munmap(co->memory, co->memory_size);
            free(co);
        }
    }
}

void coroutine_run(void (*call)(void *), void *argument)
{
    struct coroutine *co = create(call, argument);

    current = co;
    co->caller = co_active();
    co->callee = &co->fiber;
    co_switch(co->callee);
    coroutine_reap();
}

void coroutine_abandon(void)
{
    struct coroutine *co;

    while ((co = LIST_FIRST(&alive)) != NULL) {
        LIST_REMOVE(co, next);
        LIST_INSERT_HEAD(&abandoned, co, next);
    }
}
