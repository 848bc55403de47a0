/* output.c: one output: its init, its workers, and the flush of a chunk into it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/prctl.h>

#include "host.h"
#include "log.h"
#include "metric.h"

/* What crosses into the coroutine, which may outlive the call that started it. */
struct flush {
    struct task *task;
    char *tag;
};

/* Calls the plugin and hands the task to the engine with its answer. */
static void flush_here(void *argument)
{
    struct flush *f = argument;
    struct task *task = f->task;
    struct output *out = task->output;
    struct chunk *c = task->chunk;
    const struct builtin *b = out->base.plugin->builtin;
    int answer;

    if (b != NULL) {
        answer = b->flush(out, c);
    } else {
        answer = out->base.plugin->out.cb_flush_ctx(out->context.remote_context, c->data.data, c->data.len, f->tag);
    }
    task->answer = answer == ANSWER_OK || answer == ANSWER_RETRY ? answer : ANSWER_ERROR;
    free(f->tag);
    free(f);
    pthread_mutex_lock(&engine.lock);
    TAILQ_INSERT_TAIL(&engine.done, task, next);
    pthread_mutex_unlock(&engine.lock);
    engine_wake();
}

void output_flush(struct task *task)
{
    struct flush *f = must(calloc(1, sizeof *f));

    f->task = task;
    f->tag = must(strdup(task->chunk->tag)); /* a copy of its own: the plugin may write into it */
    coroutine_run(flush_here, f);
}

/* NULL when the queue is empty and the worker shall end: what is queued is always flushed first. */
static struct task *take(struct worker *w)
{
    struct task *task;

    pthread_mutex_lock(&w->lock);
    while ((task = TAILQ_FIRST(&w->queue)) == NULL && !w->stop) {
        pthread_cond_wait(&w->work, &w->lock);
    }
    if (task != NULL) {
        TAILQ_REMOVE(&w->queue, task, next);
    }
    pthread_mutex_unlock(&w->lock);
    return task;
}

static void *worker_thread(void *argument)
{
    struct worker *w = argument;
    struct task *task;
    char name[160];

    snprintf(name, sizeof name, "flb-out-%s-w%d", w->output->base.name, w->id);
    prctl(PR_SET_NAME, name);
    log_info("[output:%s:%s] worker #%d started", w->output->base.plugin->name, instance_name(&w->output->base), w->id);
    while ((task = take(w)) != NULL) {
        output_flush(task);
    }
    return NULL;
}

static int start_workers(struct output *out)
{
    out->pool = must(calloc((size_t) out->workers, sizeof *out->pool));
    for (int i = 0; i < out->workers; i++) {
        struct worker *w = &out->pool[i];
        w->output = out;
        w->id = i;
        TAILQ_INIT(&w->queue);
        pthread_mutex_init(&w->lock, NULL);
        pthread_cond_init(&w->work, NULL);
        if (pthread_create(&w->thread, NULL, worker_thread, w) != 0) {
            return -1;
        }
    }
    return 0;
}

int output_start(struct output *out)
{
    struct plugin *p = out->base.plugin;
    int ret;

    if (instance_check(&out->base) != 0) {
        return -1;
    }
    if (p->builtin != NULL) {
        ret = p->builtin->init(out) == 0 ? 1 : 0;
    } else {
        out->context.proxy = p;
        p->out.api = &host_api;
        p->out.o_ins = out;
        p->out.context = &out->context;
        ret = p->out.cb_init(&p->out);
    }
    if (ret <= 0) {
        log_error("[output:%s:%s] init failed", p->name, instance_name(&out->base));
        out->failed = true;
        return -1;
    }
    return out->workers > 0 ? start_workers(out) : 0;
}

/* Queues the task: with its workers in turn, or for the engine's own thread. */
void output_dispatch(struct task *task)
{
    struct output *out = task->output;
    struct worker *w;

    if (out->pool == NULL) {
        TAILQ_INSERT_TAIL(&engine.ready, task, next);
        return;
    }
    w = &out->pool[out->turn++ % out->workers];
    pthread_mutex_lock(&w->lock);
    TAILQ_INSERT_TAIL(&w->queue, task, next);
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
}

/*
 * Joins the workers, however long a flush takes, then tells the plugin. After a failed start this reaches outputs whose init
 * never ran, with NULL as their remote context, but not the one whose init failed: as in the engine.
 */
void output_exit(struct output *out)
{
    struct plugin *p = out->base.plugin;

    for (int i = 0; out->pool != NULL && i < out->workers; i++) {
        struct worker *w = &out->pool[i];
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_signal(&w->work);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    if (!out->failed && p->builtin != NULL) {
        p->builtin->exit(out);
    } else if (!out->failed) {
        plugin_call_int(p, "FLBPluginOutputPreExit", 0);
        if (p->out.cb_exit_ctx != NULL) {
            p->out.cb_exit_ctx(out->context.remote_context);
        } else if (p->out.cb_exit != NULL) {
            p->out.cb_exit();
        }
    }
    metric_close(out->base.metrics);
}
