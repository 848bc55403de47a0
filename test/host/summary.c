/* summary.c: one line per instance at the end, `[host] summary key=value …`, for tests to read. */
#include "host.h"
#include "log.h"

/* Printed at every log level: a test that silences the log still counts. */
#define SUMMARY(...) log_print(LOG_INFO, NULL, 0, "[host] summary " __VA_ARGS__)

void summary_print(void)
{
    struct input *in;
    struct filter *f;
    struct output *o;

    TAILQ_FOREACH(in, &engine.inputs, next) {
        SUMMARY("kind=input name=%s plugin=%s appends=%llu refused=%llu records=%llu bytes=%llu filtered=%llu "
                "unrouted=%llu unplaced=%llu pauses=%llu thrown_batches=%llu thrown_records=%llu",
                instance_name(&in->base), in->base.plugin->name, in->count.appends, in->count.refused, in->count.records,
                in->count.bytes, in->count.filtered, in->count.unrouted, in->count.unplaced, in->count.pauses,
                in->count.thrown_batches, in->count.thrown_records);
    }
    STAILQ_FOREACH(f, &engine.filters, next) {
        SUMMARY("kind=filter name=%s plugin=%s seen=%llu dropped=%llu", instance_name(&f->base), f->base.plugin->name,
                f->seen, f->dropped);
    }
    STAILQ_FOREACH(o, &engine.outputs, next) {
        SUMMARY("kind=output name=%s plugin=%s ok=%llu retried=%llu dropped=%llu pending=%llu chunks_ok=%llu retries=%llu "
                "retries_failed=%llu errors=%llu",
                instance_name(&o->base), o->base.plugin->name, o->count.ok, o->count.retried, o->count.dropped,
                o->count.pending, o->count.chunks_ok, o->count.retries, o->count.retries_failed, o->count.errors);
    }
}
