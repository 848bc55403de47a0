/* instance.c: one instance per [INPUT], [FILTER] and [OUTPUT], named as the engine names it. */
#include <stdio.h>
#include <strings.h>

#include "host.h"
#include "log.h"

static const char *const kinds[] = {"input", "filter", "output"};

const char *instance_name(const struct instance *ins) { return ins->alias != NULL ? ins->alias : ins->name; }

static struct instance *add_input(void)
{
    struct input *in = must(calloc(1, sizeof *in)), *last = TAILQ_LAST(&engine.inputs, input_list);
    TAILQ_INIT(&in->chunks);
    STAILQ_INIT(&in->mailbox);
    pthread_mutex_init(&in->ring.lock, NULL);
    pthread_mutex_init(&in->lock, NULL);
    in->base.id = last == NULL ? 0 : last->base.id + 1;
    TAILQ_INSERT_TAIL(&engine.inputs, in, next);
    return &in->base;
}

static struct instance *add_filter(void)
{
    struct filter *filter = must(calloc(1, sizeof *filter)), *f;
    STAILQ_FOREACH(f, &engine.filters, next) {
        filter->base.id++;
    }
    STAILQ_INSERT_TAIL(&engine.filters, filter, next);
    return &filter->base;
}

static struct instance *add_output(void)
{
    struct output *out = must(calloc(1, sizeof *out)), *o;
    STAILQ_FOREACH(o, &engine.outputs, next) {
        out->base.id++;
    }
    out->retry_limit = 1;
    STAILQ_INSERT_TAIL(&engine.outputs, out, next);
    return &out->base;
}

static int set_property(struct instance *ins, enum kind kind, const char *key, const char *value)
{
    int taken;

    if (kind == KIND_INPUT) {
        taken = property_of_input((struct input *) ins, key, value);
    } else if (kind == KIND_OUTPUT) {
        taken = property_of_output((struct output *) ins, key, value);
    } else {
        taken = property_of_filter((struct filter *) ins, key, value);
    }
    if (taken == 0) {
        properties_add(&ins->properties, key, value);
    }
    if (taken < 0) {
        log_error("[config] %s %s: wrong value for %s", kinds[kind], ins->name, key);
    }
    return taken < 0 ? -1 : 0;
}

int instance_create(const struct conf *conf, const struct section *section, enum kind kind)
{
    struct instance *(*const add[])(void) = {add_input, add_filter, add_output};
    const char *given = properties_get(&section->properties, "name");
    struct instance *ins;
    struct plugin *plugin;
    struct property *p;
    char *name;
    int rc = 0;

    if (given == NULL) {
        log_error("[config] an [%s] section without Name", section->name);
        return -1;
    }
    name = conf_value(conf, given);
    plugin = plugin_find(kind, name);
    if (plugin == NULL) {
        log_error("[config] no %s plugin is called '%s'", kinds[kind], name);
        free(name);
        return -1;
    }
    free(name);
    ins = add[kind]();
    if (kind == KIND_OUTPUT && ins->id >= OUTPUTS_MAX) {
        log_error("[config] the test host has room for %d outputs", OUTPUTS_MAX);
        return -1;
    }
    ins->plugin = plugin;
    ins->level = -1;
    STAILQ_INIT(&ins->properties);
    snprintf(ins->name, sizeof ins->name, "%s.%d", plugin->name, ins->id);
    STAILQ_FOREACH(p, &section->properties, next) {
        char *value = conf_value(conf, p->value);
        if (strcasecmp(p->key, "name") != 0 && rc == 0) {
            rc = set_property(ins, kind, p->key, *value != '\0' ? value : NULL);
        }
        free(value);
    }
    if (ins->tag == NULL) {
        ins->tag = must(strdup(ins->name));
    }
    metrics_create(ins, kind);
    return rc;
}

static const struct flb_config_map *find_option(const struct flb_config_map *m, const char *key)
{
    for (; m->name != NULL; m++) {
        size_t len = strlen(m->name);
        if (m->type == CONFIG_MAP_STR_PREFIX ? strncasecmp(key, m->name, len) == 0 && key[len] != '\0'
                                             : strcasecmp(key, m->name) == 0) {
            return m;
        }
    }
    return NULL;
}

static void refuse_unknown(const struct instance *ins, const char *key)
{
    struct buffer names = {0};

    for (const struct flb_config_map *m = ins->plugin->options; m->name != NULL; m++) {
        buffer_text(&names, names.len > 0 ? ", " : "");
        buffer_text(&names, m->name);
    }
    buffer_append(&names, "", 1);
    log_error("[config] %s: unknown configuration property '%s', it has these: %s", ins->plugin->name, key, names.data);
    buffer_free(&names);
}

/* Holds the properties against the plugin's option table. Returns -1 after it named the first that is wrong. */
int instance_check(const struct instance *ins)
{
    const struct flb_config_map *m;
    struct property *p, *other;
    int times;

    if (ins->plugin->options == NULL) {
        return 0;
    }
    STAILQ_FOREACH(p, &ins->properties, next) {
        if (strcasecmp(p->key, "active") == 0 || strcasecmp(p->key, "condition") == 0) {
            continue; /* the engine reads these two out of the plugin's own list */
        }
        if ((m = find_option(ins->plugin->options, p->key)) == NULL) {
            refuse_unknown(ins, p->key);
            return -1;
        }
        times = 0;
        STAILQ_FOREACH(other, &ins->properties, next) {
            times += strcasecmp(other->key, p->key) == 0;
        }
        if (times > 1 && (m->flags & CONFIG_MAP_MULT) == 0) {
            log_error("[config] %s: property '%s' is set %d times", ins->plugin->name, p->key, times);
            return -1;
        }
        if (m->type == CONFIG_MAP_DEPRECATED) {
            log_warn("[config] %s: '%s' is deprecated", ins->plugin->name, p->key);
        }
    }
    return 0;
}
