/* json.h: JSON text to MessagePack for the dummy input, and back for the file output. */
#ifndef TESTHOST_JSON_H
#define TESTHOST_JSON_H

#include "msgpack.h"

/* Appends the one JSON value that `text` is. Returns -1 when it is none; `out` then holds a partial value. */
int json_read(struct buffer *out, const char *text);

/* Appends one MessagePack value as JSON. Returns its end, NULL when it is malformed. */
const uint8_t *json_write(struct buffer *out, const uint8_t *p, const uint8_t *end);

void json_write_str(struct buffer *out, const uint8_t *data, size_t len);

#endif
