/* chunk.c: batches become chunks, one open chunk per input and tag; their size pauses and resumes the input. */
#include "host.h"
#include "log.h"
#include "msgpack.h"

static unsigned long chunk_ids;

static struct chunk *open_chunk(struct input *in, const char *tag, uint64_t routes)
{
    struct chunk *c;

    TAILQ_FOREACH(c, &in->chunks, next) {
        if (c->tasks == 0 && c->data.len <= CHUNK_MAX && strcmp(c->tag, tag) == 0) {
            return c;
        }
    }
    c = must(calloc(1, sizeof *c));
    c->id = ++chunk_ids;
    c->input = in;
    c->tag = must(strdup(tag));
    c->begun = clock_now();
    c->routes = routes;
    TAILQ_INSERT_TAIL(&in->chunks, c, next);
    return c;
}

static void pause_over_limit(struct input *in)
{
    if (in->mem_buf_limit == 0 || in->chunk_bytes < in->mem_buf_limit || in->paused) {
        return;
    }
    log_warn("[input] %s paused: %zu bytes in chunks, mem_buf_limit %zu", instance_name(&in->base), in->chunk_bytes,
             in->mem_buf_limit);
    input_send(in, MAIL_PAUSE);
    in->paused = true;
    in->count.pauses++;
    metrics_set(&in->base, INPUT_PAUSED, 1);
}

static void resume_below_limit(struct input *in)
{
    if (!in->paused || in->chunk_bytes >= in->mem_buf_limit || !engine.ingesting) {
        return;
    }
    in->paused = false;
    metrics_set(&in->base, INPUT_PAUSED, 0);
    input_send(in, MAIL_RESUME);
    log_info("[input] %s resumed: %zu bytes in chunks, mem_buf_limit %zu", instance_name(&in->base), in->chunk_bytes,
             in->mem_buf_limit);
}

void chunk_free(struct chunk *c)
{
    struct input *in = c->input;

    in->chunk_bytes -= c->data.len;
    TAILQ_REMOVE(&in->chunks, c, next);
    buffer_free(&c->data);
    free(c->tag);
    free(c);
    resume_below_limit(in);
}

/* Runs the filters whose Match takes the tag. Returns the bytes that are left: `data` itself, or those of `work`. */
static const void *apply_filters(const char *tag, const void *data, size_t *len, struct buffer *work)
{
    struct filter *f;

    STAILQ_FOREACH(f, &engine.filters, next) {
        struct buffer out = {0};
        size_t before, after;

        if (*len == 0 || !router_match(tag, f->base.match)) {
            continue;
        }
        before = event_count(data, *len);
        f->seen += before;
        if (f->base.plugin->builtin->filter(f, data, *len, &out) != 0) {
            log_error("[filter:%s:%s] a malformed record: batch left as it is", f->base.plugin->name,
                      instance_name(&f->base));
            buffer_free(&out);
            continue;
        }
        after = event_count(out.data, out.len);
        f->dropped += before - after;
        metrics_add(&f->base, FILTER_RECORDS, (double) before);
        metrics_add(&f->base, FILTER_BYTES, (double) out.len);
        metrics_add(&f->base, FILTER_DROPPED_RECORDS, (double) (before - after));
        metrics_add(&f->base, FILTER_DROPPED_BYTES, before > after ? (double) (*len - out.len) : 0);
        buffer_free(work);
        *work = out;
        data = out.data;
        *len = out.len;
    }
    return data;
}

/* Filters the records and adds what is left to the chunk, NULL where there is no output for it. */
static void fill(struct input *in, struct chunk *c, const char *tag, const void *data, size_t len, size_t records)
{
    struct buffer work = {0};
    size_t left;

    in->count.records += records;
    in->count.bytes += len;
    metrics_add(&in->base, INPUT_RECORDS, (double) records);
    metrics_add(&in->base, INPUT_BYTES, (double) len);
    data = apply_filters(tag, data, &len, &work);
    left = work.data != NULL && len > 0 ? event_count(data, len) : len > 0 ? records : 0;
    in->count.filtered += records - left;
    if (c == NULL) {
        in->count.unrouted += left;
    } else {
        buffer_append(&c->data, data, len);
        c->records += left;
        in->chunk_bytes += len;
    }
    buffer_free(&work);
}

/* Takes `records` events, before filters, into a chunk of the input. */
void chunk_append(struct input *in, const char *tag, const void *data, size_t len, size_t records)
{
    struct chunk *c = NULL;
    uint64_t routes;

    if (in->paused) {
        return; /* the engine drops what arrives then; its collectors do not let it come that far */
    }
    tag = tag != NULL ? tag : in->base.tag;
    if ((routes = router_routes(tag)) != 0) {
        c = open_chunk(in, tag, routes);
    }
    if (c == NULL || storage_make_room(in, c, len)) {
        fill(in, c, tag, data, len, records);
    } else {
        in->count.unplaced += records;
    }
    if (c != NULL && c->data.len == 0) {
        chunk_free(c);
    }
    resume_below_limit(in);
    pause_over_limit(in);
}

/* Empties the ring, unless the input is paused: then its batches stay where they are. */
void chunk_collect(struct input *in)
{
    struct batch *b;

    while (!in->paused && (b = ring_pop(&in->ring)) != NULL) {
        chunk_append(in, b->tag, b->data, b->len, b->records);
        batch_free(b);
    }
}
