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

int tidegate_append_records(tidegate_append_records_fn fn, void *instance, size_t records, const char *tag,
                            size_t tag_len, const void *events, size_t size)
{
    return fn(instance, records, tag, tag_len, events, size);
}
