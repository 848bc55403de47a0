/*
 * context.c: flb_context_get(), and of the engine's configuration behind it the first fields, which tell whether the agent runs
 * or stops. Nothing in the plugin contract says so: a plugin that wants to know looks there. Layout and order of the changes
 * follow flb_lib.h, flb_config.h and flb_engine.c of Fluent Bit 5.1.1.
 */
#include "event.h"
#include "host.h"

/* Plugins look from any thread while the engine writes. */
static struct config {
    struct mk_event channel;
    int support_mode, is_ingestion_active, is_shutting_down, is_running;
    double flush;
} config = {.is_ingestion_active = 1, .is_running = 1};

struct flb_lib_ctx {
    int status;
    void *event_loop, *event_channel;
    struct config *config;
};

EXPORT struct flb_lib_ctx *flb_context_get(void);

EXPORT struct flb_lib_ctx *flb_context_get(void)
{
    static struct flb_lib_ctx context = {.config = &config};
    return &context;
}

static void store(int *field, int value) { __atomic_store_n(field, value, __ATOMIC_SEQ_CST); }

void context_start(void) { config.flush = engine.flush; }

void context_stop_ingestion(void)
{
    store(&config.is_ingestion_active, 0);
    store(&config.is_shutting_down, 1);
}

void context_shutdown(void)
{
    store(&config.is_running, 0);
    store(&config.is_ingestion_active, 0);
}
