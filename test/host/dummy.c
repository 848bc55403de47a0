/* dummy.c: the built-in input `dummy`. Dummy: the record as JSON, Metadata: JSON too, Samples: how many (0: no end), Rate: per second. */
#include <time.h>

#include "host.h"
#include "json.h"
#include "log.h"

struct dummy {
    struct buffer body, meta;
    uint64_t samples, rate, sent, start;
};

static const struct flb_config_map options[] = {
    {.name = "dummy"}, {.name = "metadata"}, {.name = "samples"}, {.name = "rate"}, {.name = NULL},
};

static uint64_t number(const struct instance *ins, const char *key, uint64_t def)
{
    const char *text = properties_get(&ins->properties, key);
    return text != NULL ? strtoull(text, NULL, 10) : def;
}

static int read_map(const struct instance *ins, const char *key, const char *def, struct buffer *out)
{
    const char *text = properties_get(&ins->properties, key);
    struct mp_value v;

    if (json_read(out, text != NULL ? text : def) != 0 || mp_read(out->data, out->data + out->len, &v) == NULL ||
        v.type != MP_MAP) {
        log_error("[input:dummy:%s] %s is no JSON object: %s", instance_name(ins), key, text);
        return -1;
    }
    return 0;
}

static int init(void *instance)
{
    struct instance *ins = instance;
    struct dummy *d = ins->state = must(calloc(1, sizeof *d));

    d->samples = number(ins, "samples", 0);
    d->rate = number(ins, "rate", 1);
    d->start = clock_now();
    if (d->rate == 0) {
        log_error("[input:dummy:%s] rate must be above 0", instance_name(ins));
        return -1;
    }
    return read_map(ins, "dummy", "{\"message\":\"dummy\"}", &d->body) || read_map(ins, "metadata", "{}", &d->meta) ? -1 : 0;
}

/* Catches up with the rate: all records that became due since the last round, in one append. */
static void tick(struct input *in, uint64_t now)
{
    struct dummy *d = in->base.state;
    uint64_t due = (uint64_t) ((double) (now - d->start) / 1e9 * (double) d->rate), records = 0;
    struct buffer out = {0};
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    for (; d->sent < due && (d->samples == 0 || d->sent < d->samples) && out.len < CHUNK_MAX / 2; d->sent++, records++) {
        buffer_append(&out, "\x92\x92", 2);
        mp_write_time(&out, (uint32_t) t.tv_sec, (uint32_t) t.tv_nsec);
        buffer_append(&out, d->meta.data, d->meta.len);
        buffer_append(&out, d->body.data, d->body.len);
    }
    if (records > 0) {
        chunk_append(in, NULL, out.data, out.len, records);
    }
    buffer_free(&out);
}

const struct builtin dummy_input = {
    .kind = KIND_INPUT, .name = "dummy", .options = options, .init = init, .tick = tick,
};
