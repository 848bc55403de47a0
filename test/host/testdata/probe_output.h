/* probe_output.h: the callbacks of the probe as an output. */

#include "probe_suspend.h"

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

/* Touches `kb` KiB of the stack it was called on. */
static int use_stack(long kb)
{
    volatile char page[1024];
    page[0] = (char) kb;
    return kb <= 1 ? page[0] : use_stack(kb - 1) + page[0];
}

/* The n-th of a comma separated list, its last where the list is shorter. */
static int answer(const char *list, int n)
{
    const char *next;
    while (n-- > 0 && (next = strchr(list, ',')) != NULL) {
        list = next + 1;
    }
    return strncmp(list, "ok", 2) == 0 ? ANSWER_OK : strncmp(list, "retry", 5) == 0 ? ANSWER_RETRY : ANSWER_ERROR;
}

/* What a sanitizer is to find: `leak`, `freed` (use after free), `twice` (freed again). Through libc, which it watches. */
static void misuse_memory(const char *how)
{
    char *memory = strdup("a record of its own");
    char *volatile stale = memory; /* the compiler must not see through it */
    char copy[8];

    if (strcmp(how, "leak") == 0) {
        memory = NULL;
    }
    free(memory);
    if (strcmp(how, "freed") == 0) {
        snprintf(copy, sizeof copy, "%s", stale);
    } else if (strcmp(how, "twice") == 0) {
        free(stale);
    }
}

int FLBPluginFlushCtx(void *context, const void *data, size_t size, char *tag)
{
    struct probe *p = context;
    char line[256];
    long kb = atol(option(p, "stack_kb", "0"));
    int flush = __atomic_fetch_add(&p->flushes, 1, __ATOMIC_SEQ_CST);
    int result = answer(option(p, "answers", "ok"), flush);

    (void) data;
    metrics_step(&p->metrics);
    misuse_memory(option(p, "misuse", "none"));
    snprintf(line, sizeof line, "%s tag=%s size=%zu answer=%d", p->name, tag, size, result);
    note(p->trace, "flush", line);
    if (kb > 0) {
        use_stack(kb);
    }
    if (option(p, "suspend_ms", NULL) != NULL && !suspend(atol(option(p, "suspend_ms", "0")))) {
        note(p->trace, "unable", "suspend");
    }
    if (flush < atoi(option(p, "blocks", "1000000"))) {
        sleep_ms(atol(option(p, "block_ms", "0")));
    }
    note(p->trace, "flushed", p->name);
    return result;
}

/* After a failed start the host also ends outputs that it never initialised: there is no context then. */
int FLBPluginExitCtx(void *context)
{
    struct probe *p = context;
    if (p != NULL) {
        note(p->trace, "out_exit", p->name);
    }
    return 1;
}
