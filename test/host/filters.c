/* filters.c: what real filters do to data, in its simplest form: `grep_mod` drops each Nth record, `strip_metadata` all metadata. */
#include "host.h"
#include "log.h"
#include "msgpack.h"

struct grep_mod {
    unsigned long long nth, seen;
};

static const struct flb_config_map grep_options[] = {{.name = "nth"}, {.name = NULL}};
static const struct flb_config_map strip_options[] = {{.name = NULL}};

static int grep_init(void *instance)
{
    struct instance *ins = instance;
    struct grep_mod *g = ins->state = must(calloc(1, sizeof *g));
    const char *nth = properties_get(&ins->properties, "nth");

    if (nth == NULL || (g->nth = strtoull(nth, NULL, 10)) == 0) {
        log_error("[filter:grep_mod:%s] nth must be a number above 0", instance_name(ins));
        return -1;
    }
    return 0;
}

/* Counts over the filter's whole life, not per batch: how many records are dropped does not depend on how they arrive. */
static int grep_filter(struct filter *filter, const uint8_t *data, size_t len, struct buffer *out)
{
    struct grep_mod *g = filter->base.state;
    const uint8_t *p = data, *end = data + len;
    struct event e;

    while (p < end && (p = event_read(p, end, &e)) != NULL) {
        if (e.sec < 0 || ++g->seen % g->nth != 0) {
            buffer_append(out, e.start, (size_t) (e.end - e.start));
        }
    }
    return p == NULL ? -1 : 0;
}

static int strip_init(void *instance)
{
    (void) instance;
    return 0;
}

static int strip_filter(struct filter *filter, const uint8_t *data, size_t len, struct buffer *out)
{
    const uint8_t *p = data, *end = data + len;
    struct event e;

    (void) filter;
    while (p < end && (p = event_read(p, end, &e)) != NULL) {
        buffer_append(out, "\x92\x92", 2);
        buffer_append(out, e.time, (size_t) (e.time_end - e.time));
        mp_write_map(out, 0);
        buffer_append(out, e.body, (size_t) (e.body_end - e.body));
    }
    return p == NULL ? -1 : 0;
}

static void stop(void *instance) { free(((struct instance *) instance)->state); }

const struct builtin grep_mod_filter = {
    .kind = KIND_FILTER, .name = "grep_mod", .options = grep_options, .init = grep_init, .filter = grep_filter, .exit = stop,
};

const struct builtin strip_metadata_filter = {
    .kind = KIND_FILTER, .name = "strip_metadata", .options = strip_options, .init = strip_init, .filter = strip_filter,
    .exit = stop,
};
