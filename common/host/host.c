#define _GNU_SOURCE
#include <dlfcn.h>

#include "host.h"

void *tidegate_symbol(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

int tidegate_log_check(struct flb_api *api, int input, void *instance, int level)
{
    return input ? api->input_log_check(instance, level) : api->output_log_check(instance, level);
}

void tidegate_log_print(void *log_print, int level, const char *text)
{
    ((void (*)(int, const char *, int, const char *, ...))log_print)(level, NULL, 0, "%s", text);
}

const char *tidegate_instance_name(void *name_fn, void *instance)
{
    return ((const char *(*)(void *))name_fn)(instance);
}

int tidegate_append(tidegate_append_fn fn, void *instance, const char *tag, size_t tag_len,
                    const void *events, size_t size)
{
    return fn(instance, tag, tag_len, events, size);
}

/*
 * The heads of three of the host's structures (flb_lib.h, mk_event.h,
 * flb_config.h), the same from 2.1 to 5.1.1.
 */
struct list {
    void *prev, *next;
};

struct event {
    int fd, type;
    uint32_t mask;
    uint8_t status;
    void *data;
    int (*handler)(void *);
    struct list head, priority_head;
    char priority;
};

struct config {
    struct event channel;
    int support_mode, is_ingestion_active, is_shutting_down, is_running;
    double flush;
};

struct context {
    int status;
    void *event_loop, *event_channel;
    volatile struct config *config;
};

void *tidegate_engine(void)
{
    struct context *(*get)(void);
    struct context *context;
    volatile struct config *c;

    *(void **)&get = tidegate_symbol("flb_context_get");
    context = get != NULL ? get() : NULL;
    c = context != NULL ? context->config : NULL;
    /* Believe it only if everything has the value of an agent that starts. */
    if (c == NULL || (unsigned)c->support_mode > 1 || c->is_ingestion_active != 1 || c->is_shutting_down != 0 ||
        (unsigned)c->is_running > 1 || !(c->flush > 0 && c->flush < 1e6)) {
        return NULL;
    }
    return (void *)c;
}

int tidegate_stopping(void *engine)
{
    volatile struct config *c = engine;

    return c->is_shutting_down == 1 && c->is_ingestion_active == 0;
}
