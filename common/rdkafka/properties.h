#ifndef TIDEGATE_RDKAFKA_PROPERTIES_H
#define TIDEGATE_RDKAFKA_PROPERTIES_H

#include "abi.h"

/* tg_properties returns librdkafka's table of properties; free it. */
char *tg_properties(void);

/* tg_check_property returns 0 where librdkafka takes the value, else error tells why. */
int tg_check_property(const char *name, const char *value, char *error, size_t size);

#endif
