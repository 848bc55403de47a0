#include <stdlib.h>

#include "properties.h"

char *tg_properties(void)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (f == NULL) {
        return NULL;
    }
    rd_kafka_conf_properties_show(f);
    fclose(f);
    return text;
}

int tg_check_property(const char *name, const char *value, char *error, size_t size)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int ok = rd_kafka_conf_set(conf, name, value, error, size) == RD_KAFKA_CONF_OK;

    rd_kafka_conf_destroy(conf);
    return ok ? 0 : -1;
}
