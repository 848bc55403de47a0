#include "host.h"

bool router_match(const char *tag, const char *match)
{
    const char *star = NULL, *resume = NULL;

    if (match == NULL) {
        return false;
    }
    /* One star to come back to is enough: a later star can take whatever an earlier one could. */
    while (*tag != '\0') {
        if (*match == '*') {
            star = ++match;
            resume = tag;
        } else if (*match == *tag) {
            match++;
            tag++;
        } else if (star != NULL) {
            match = star;
            tag = ++resume;
        } else {
            return false;
        }
    }
    return match[strspn(match, "*")] == '\0';
}

uint64_t router_routes(const char *tag)
{
    struct output *o;
    uint64_t routes = 0;

    STAILQ_FOREACH(o, &engine.outputs, next) {
        routes |= router_match(tag, o->base.match) ? route_bit(o) : 0;
    }
    return routes;
}
