/*
 * coroutine.c: the engine calls each flush in a coroutine whose stack is far smaller than a thread's. A plugin that runs C code
 * there must fit, and one that does not must die here on the guard page, not in production.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "host.h"

struct coroutine {
    ucontext_t caller, callee;
    void (*call)(void *);
    void *argument;
};

static _Thread_local struct coroutine *current;

static void entry(void) { current->call(current->argument); }

void coroutine_run(void (*call)(void *), void *argument)
{
    size_t guard = (size_t) sysconf(_SC_PAGESIZE);
    /* The sanitizer's own frames need more than the engine gives. */
#ifdef __SANITIZE_ADDRESS__
    size_t size = 16 * STACK_BYTES;
#else
    size_t size = STACK_BYTES;
#endif
    struct coroutine co = {.call = call, .argument = argument};
    char *stack = mmap(NULL, guard + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

    if (stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE) != 0 || getcontext(&co.callee) != 0) {
        abort();
    }
    co.callee.uc_stack.ss_sp = stack + guard;
    co.callee.uc_stack.ss_size = size;
    co.callee.uc_link = &co.caller;
    makecontext(&co.callee, entry, 0);
    current = &co;
    swapcontext(&co.caller, &co.callee);
    munmap(stack, guard + size);
}
