#include <stdlib.h>
#include <strings.h>

#include "host.h"
#include "log.h"

static int refuse(const char *key, const char *value)
{
    log_error("[config] service: %s cannot be '%s'", key, value);
    return -1;
}

/* Keys of the engine that this program has no use for are read over, as the engine reads over unknown ones. */
static int set(const char *key, const char *value, const char *dir)
{
    if (strcasecmp(key, "flush") == 0) {
        return (engine.flush = atof(value)) > 0 ? 0 : refuse(key, value);
    }
    if (strcasecmp(key, "grace") == 0) {
        engine.grace = atoi(value);
    } else if (strcasecmp(key, "log_level") == 0) {
        return (log_level = log_level_of(value)) >= 0 ? 0 : refuse(key, value);
    } else if (strcasecmp(key, "scheduler.base") == 0) {
        return (engine.backoff_base = atoi(value)) > 0 ? 0 : refuse(key, value);
    } else if (strcasecmp(key, "scheduler.cap") == 0) {
        return (engine.backoff_cap = atoi(value)) > 0 ? 0 : refuse(key, value);
    } else if (strcasecmp(key, "storage.path") == 0) {
        log_info("[config] storage.path is ignored: the test host has no filesystem storage");
    } else if (strcasecmp(key, "plugins_file") == 0) {
        return plugin_load_file(value, dir);
    }
    (void) http_server_option(key, value);
    return 0;
}

static int set_all(const struct conf *conf, const struct section *s)
{
    struct property *p;
    int rc = 0;

    STAILQ_FOREACH(p, &s->properties, next) {
        char *value = conf_value(conf, p->value);
        rc = rc == 0 ? set(p->key, value, conf->dir) : rc;
        free(value);
    }
    return rc;
}

/* All [SERVICE] sections first: they load the plugins that the others name. Then inputs, filters and outputs. */
int service_apply(const struct conf *conf)
{
    static const char *const kinds[] = {[KIND_INPUT] = "input", [KIND_FILTER] = "filter", [KIND_OUTPUT] = "output"};
    struct section *s;

    STAILQ_FOREACH(s, &conf->sections, next) {
        if (strcasecmp(s->name, "service") == 0 && set_all(conf, s) != 0) {
            return -1;
        }
        if (strcasecmp(s->name, "plugins") == 0) {
            log_error("[config] [PLUGINS] belongs into the file that Plugins_File names");
            return -1;
        }
    }
    for (int kind = KIND_INPUT; kind <= KIND_OUTPUT; kind++) {
        STAILQ_FOREACH(s, &conf->sections, next) {
            if (strcasecmp(s->name, kinds[kind]) == 0 && instance_create(conf, s, (enum kind) kind) != 0) {
                return -1;
            }
        }
    }
    return 0;
}
