/* The few C calls that the host's interface needs; see fluentbit.h for it. */
#ifndef TIDEGATE_HOST_H
#define TIDEGATE_HOST_H

#include "../../plugins/shim/fluentbit.h"

typedef int (*tidegate_append_fn)(void *, const char *, size_t, const void *, size_t);
typedef int (*tidegate_append_records_fn)(void *, size_t, const char *, size_t, const void *, size_t);

/* tidegate_symbol looks name up in the executable and its libraries. */
void *tidegate_symbol(const char *name);

int tidegate_log_check(struct flb_api *api, int input, void *instance, int level);
void tidegate_log_print(void *log_print, int level, const char *text);
const char *tidegate_instance_name(void *name_fn, void *instance);
int tidegate_append(tidegate_append_fn fn, void *instance, const char *tag, size_t tag_len,
                    const void *events, size_t size);
int tidegate_append_records(tidegate_append_records_fn fn, void *instance, size_t records, const char *tag,
                            size_t tag_len, const void *events, size_t size);

#endif
