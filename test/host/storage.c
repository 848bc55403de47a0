/*
 * storage.c: storage.total_limit_size of an output. It counts the chunks that inputs with storage.type filesystem hold for the
 * output, and only those, as in the engine. Whoever brings new data over the limit makes the input's oldest chunks go, whether
 * they were tried before or not; what an output has in its hands stays. Here a chunk is as large as its records; the engine
 * counts its file, in whole pages.
 */
#include "host.h"
#include "log.h"

static size_t used_by(const struct output *out)
{
    const struct input *in;
    const struct chunk *c;
    size_t used = 0;

    TAILQ_FOREACH(in, &engine.inputs, next) {
        TAILQ_FOREACH(c, &in->chunks, next) {
            used += in->filesystem && (c->routes & route_bit(out)) != 0 ? c->data.len : 0;
        }
    }
    return used;
}

/* Returns the size of the chunk when it went, 0 when its output is busy with it. */
static size_t evict(struct chunk *c, struct output *out)
{
    struct task *task = task_waiting(c, out);
    size_t size = c->data.len;

    if (c->tasks > 0 && task == NULL) {
        return 0;
    }
    out->count.dropped += c->records;
    metrics_add(&out->base, OUTPUT_DROPPED_RECORDS, (double) c->records);
    log_warn("[input chunk] chunk %lu evicted for storage.total_limit_size: records=%zu, input=%s > output=%s, bytes=%zu, "
             "limit=%zu", c->id, c->records, instance_name(&c->input->base), instance_name(&out->base), size,
             out->storage_limit);
    c->routes &= ~route_bit(out);
    if (task != NULL) {
        task_cancel(task);
    } else if (c->routes == 0) {
        chunk_free(c);
    }
    return size;
}

static bool make_room_for(struct input *in, const struct chunk *target, struct output *out, size_t len)
{
    struct chunk *c = TAILQ_FIRST(&in->chunks), *after;
    size_t freed = 0;

    for (; c != NULL && freed < len; c = after) {
        after = TAILQ_NEXT(c, next);
        if (c != target && (c->routes & route_bit(out)) != 0) {
            freed += evict(c, out);
        }
    }
    return freed >= len;
}

bool storage_make_room(struct input *in, struct chunk *target, size_t len)
{
    struct output *out;

    if (!in->filesystem) {
        return true;
    }
    STAILQ_FOREACH(out, &engine.outputs, next) {
        if (out->storage_limit == 0 || (target->routes & route_bit(out)) == 0 || used_by(out) + len <= out->storage_limit) {
            continue;
        }
        if (!make_room_for(in, target, out, len)) {
            log_error("[input chunk] no room for new data of %s: records of %zu bytes are lost", instance_name(&in->base), len);
            return false;
        }
    }
    return true;
}
