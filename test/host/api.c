/* api.c: what a plugin can reach: the callbacks of flb_api and the functions it finds with dlsym(RTLD_DEFAULT, …). */
#include <time.h>

#include "host.h"
#include "log.h"
#include "msgpack.h"

/* A full ring blocks the plugin's thread this often and long before the append fails. */
enum { APPEND_TRIES = 10, APPEND_WAIT_MS = 100 };

EXPORT const char *flb_input_name(void *ins) { return instance_name(ins); }
EXPORT const char *flb_output_name(void *ins) { return instance_name(ins); }

static const char *get_property(const char *key, void *ins)
{
    return properties_get(&((struct instance *) ins)->properties, key);
}

static void *get_metrics(void *ins)
{
#ifdef WITHOUT_METRICS
    (void) ins;
    return NULL;
#else
    return ((struct instance *) ins)->metrics;
#endif
}

/* Plugins change their own options with it, in their init. */
SUSPENDING int flb_output_set_property(void *ins, const char *key, const char *value)
{
    int taken = property_of_output(ins, key, value);

    if (taken == 0) {
        properties_add(&((struct instance *) ins)->properties, key, value);
    }
    return taken < 0 ? -1 : 0;
}

static int log_check(void *ins, int level) { return level <= ((struct instance *) ins)->level; }

struct flb_api host_api = {
    .output_get_property = get_property,
    .input_get_property = get_property,
    .output_get_cmt_instance = get_metrics,
    .input_get_cmt_instance = get_metrics,
    .log_print = log_print,
    .input_log_check = log_check,
    .output_log_check = log_check,
    .custom_get_property = get_property,
    .custom_log_check = log_check,
};

/* A host before 2.1 has the function, but not for plugins: make STREAMING=0 builds one. */
#ifdef WITHOUT_STREAMING_APPEND
#define STREAMING
#else
#define STREAMING EXPORT
#endif

/*
 * Copies buf into the ring. Returns 0, or -1 when buf is empty or the ring stayed full for a second. As on Fluent Bit, the
 * caller's count of the records is believed.
 */
STREAMING int flb_input_log_append_records(void *ins, size_t records, const char *tag, size_t tag_len, const void *buf, size_t len)
{
    static const struct timespec wait = {0, APPEND_WAIT_MS * 1000000L};
    struct input *in = ins;
    struct batch *batch;

    if (len == 0) {
        return -1;
    }
    batch = must(calloc(1, sizeof *batch));
    batch->tag = tag != NULL && tag_len > 0 ? must(strndup(tag, tag_len)) : NULL;
    batch->data = must(malloc(len));
    memcpy(batch->data, buf, len);
    batch->len = len;
    batch->records = records;
    for (int i = 0; i < APPEND_TRIES; i++) {
        if (ring_push(&in->ring, batch) == 0) {
            __atomic_add_fetch(&in->count.appends, 1, __ATOMIC_RELAXED);
            metrics_add(&in->base, INPUT_RING_WRITES, 1);
            if (ring_urgent(&in->ring)) {
                engine_wake();
            }
            return 0;
        }
        metrics_add(&in->base, INPUT_RING_RETRIES, 1);
        nanosleep(&wait, NULL);
    }
    __atomic_add_fetch(&in->count.refused, 1, __ATOMIC_RELAXED);
    metrics_add(&in->base, INPUT_RING_FAILURES, 1);
    log_error("[input:%s:%s] the ring is full: append refused", in->base.plugin->name, instance_name(&in->base));
    batch_free(batch);
    return -1;
}

STREAMING int flb_input_log_append(void *ins, const char *tag, size_t tag_len, const void *buf, size_t len)
{
    return flb_input_log_append_records(ins, event_count(buf, len), tag, tag_len, buf, len);
}
