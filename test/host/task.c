/* task.c: chunks become tasks, one per matching output, and each answer ends its task, or delays it and tries again. */
#include <stdlib.h>

#include "host.h"
#include "log.h"

/*
 * Seconds until a retry: one more than a random number between base and the smaller of cap and base·2^retries. All of it is
 * jitter, so that many hosts do not come back to a recovering server in step.
 */
int task_backoff(int base, int cap, int retries)
{
    double most = base;

    for (int i = 0; i < retries && most < cap; i++) {
        most *= 2;
    }
    if (most > cap) {
        most = cap;
    }
    return base + (most > base ? rand() % ((int) most - base + 1) : 0) + 1;
}

/* Gives every chunk that no output works on to the outputs that it is for. */
void task_create_all(struct input *in)
{
    struct chunk *c;
    struct output *o;

    TAILQ_FOREACH(c, &in->chunks, next) {
        if (c->tasks > 0) {
            continue;
        }
        STAILQ_FOREACH(o, &engine.outputs, next) {
            struct task *task;
            if ((c->routes & route_bit(o)) == 0) {
                continue;
            }
            task = must(calloc(1, sizeof *task));
            task->chunk = c;
            task->output = o;
            c->tasks++;
            o->count.pending += c->records;
            output_dispatch(task);
        }
    }
}

static void end(struct task *task)
{
    task->output->count.pending -= task->chunk->records;
    if (--task->chunk->tasks == 0) {
        chunk_free(task->chunk);
    }
    free(task);
}

struct task *task_waiting(const struct chunk *chunk, const struct output *output)
{
    struct task *task;

    TAILQ_FOREACH(task, &engine.waiting, next) {
        if (task->chunk == chunk && task->output == output) {
            return task;
        }
    }
    return NULL;
}

void task_cancel(struct task *task)
{
    TAILQ_REMOVE(&engine.waiting, task, next);
    end(task);
}

static void drop(struct task *task, const char *why)
{
    task->output->count.dropped += task->chunk->records;
    metrics_add(&task->output->base, OUTPUT_DROPPED_RECORDS, (double) task->chunk->records);
    log_error("[engine] chunk %lu dropped (%s): records=%zu, input=%s > output=%s", task->chunk->id, why,
              task->chunk->records, instance_name(&task->chunk->input->base), instance_name(&task->output->base));
    end(task);
}

static void retry_later(struct task *task)
{
    int seconds = engine.stopping ? 1 : task_backoff(engine.backoff_base, engine.backoff_cap, task->retries);

    task->due = clock_align(clock_now(), (uint64_t) seconds * SECOND);
    task->output->count.retries++;
    task->output->count.retried += task->chunk->records;
    metrics_add(&task->output->base, OUTPUT_RETRIES, 1);
    metrics_add(&task->output->base, OUTPUT_RETRIED_RECORDS, (double) task->chunk->records);
    TAILQ_INSERT_TAIL(&engine.waiting, task, next);
    log_warn("[engine] chunk %lu will be flushed again in %d seconds: retry=%d, input=%s > output=%s", task->chunk->id,
             seconds, task->retries, instance_name(&task->chunk->input->base), instance_name(&task->output->base));
}

static void delivered(struct task *task)
{
    struct output *o = task->output;
    struct chunk *c = task->chunk;

    o->count.ok += c->records;
    o->count.chunks_ok++;
    metrics_add(&o->base, OUTPUT_RECORDS, (double) c->records);
    metrics_add(&o->base, OUTPUT_BYTES, (double) c->data.len);
    metrics_latency(&o->base, &c->input->base, (double) (clock_now() - c->begun) / (double) SECOND);
    if (task->retries > 0) {
        log_info("[engine] chunk %lu delivered at retry %d: input=%s > output=%s", c->id, task->retries,
                 instance_name(&c->input->base), instance_name(&o->base));
    }
    end(task);
}

/* Acts on the answer that the output gave. */
void task_finish(struct task *task)
{
    struct output *o = task->output;

    if (task->answer == ANSWER_OK) {
        delivered(task);
    } else if (task->answer == ANSWER_ERROR) {
        o->count.errors++;
        metrics_add(&o->base, OUTPUT_ERRORS, 1);
        drop(task, "the output answered error");
    } else if (o->retry_limit == RETRY_NONE) {
        drop(task, "no_retries");
    } else if (o->retry_limit != RETRY_UNLIMITED && task->retries >= o->retry_limit) {
        o->count.retries_failed++;
        metrics_add(&o->base, OUTPUT_RETRIES_FAILED, 1);
        drop(task, "retry_limit reached");
    } else {
        task->retries++;
        retry_later(task);
    }
}

uint64_t task_next_due(void)
{
    uint64_t due = NEVER;
    struct task *task;

    TAILQ_FOREACH(task, &engine.waiting, next) {
        due = task->due < due ? task->due : due;
    }
    return due;
}

void task_run_due(uint64_t now)
{
    struct task *task = TAILQ_FIRST(&engine.waiting), *after;

    for (; task != NULL; task = after) {
        after = TAILQ_NEXT(task, next);
        if (task->due <= now) {
            TAILQ_REMOVE(&engine.waiting, task, next);
            output_dispatch(task);
        }
    }
}

/* At stop nobody waits for a backoff any more. */
void task_retry_now(void)
{
    struct task *task;
    TAILQ_FOREACH(task, &engine.waiting, next) {
        task->due = 0;
    }
}
