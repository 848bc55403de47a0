/*
 * msgpack.h: reads and writes MessagePack, and the log events that Fluent Bit's chunks are made of.
 *
 * Readers return where the value ends, NULL when it is malformed or cut. Byte strings alias the input.
 */
#ifndef TESTHOST_MSGPACK_H
#define TESTHOST_MSGPACK_H

#include <stdint.h>

#include "buffer.h"

enum mp_type { MP_NIL, MP_BOOL, MP_UINT, MP_INT, MP_FLOAT, MP_STR, MP_BIN, MP_EXT, MP_ARRAY, MP_MAP };

struct mp_value {
    enum mp_type type;
    int8_t ext;          /* MP_EXT */
    uint32_t count;      /* bytes of a string, elements of an array, pairs of a map */
    const uint8_t *data; /* MP_STR, MP_BIN, MP_EXT */
    union {
        uint64_t u; /* MP_UINT, MP_BOOL */
        int64_t i;  /* MP_INT: negative */
        double d;   /* MP_FLOAT */
    } n;
};

/* A record as `[[time, metadata], body]`, or `[time, body]`, which has no metadata. */
struct event {
    const uint8_t *start, *end;
    const uint8_t *time, *time_end;
    const uint8_t *meta, *meta_end; /* NULL: none */
    const uint8_t *body, *body_end;
    int64_t sec; /* negative: a group marker, which is no record */
    uint32_t nsec;
};

/* Reads one scalar or the head of one array or map. */
const uint8_t *mp_read(const uint8_t *p, const uint8_t *end, struct mp_value *v);
/* Steps over one whole value. */
const uint8_t *mp_skip(const uint8_t *p, const uint8_t *end);
const uint8_t *event_read(const uint8_t *p, const uint8_t *end, struct event *e);
/* How many records the bytes hold, markers not counted, up to the first that is malformed. */
size_t event_count(const void *data, size_t len);

void mp_write_array(struct buffer *b, uint32_t count);
void mp_write_map(struct buffer *b, uint32_t count);
void mp_write_str(struct buffer *b, const void *data, size_t len);
void mp_write_int(struct buffer *b, int64_t value);
void mp_write_uint(struct buffer *b, uint64_t value);
void mp_write_float(struct buffer *b, double value);
void mp_write_byte(struct buffer *b, uint8_t byte);
void mp_write_time(struct buffer *b, uint32_t sec, uint32_t nsec);
/* Overwrites the count of a map or array that mp_write_map or mp_write_array began at that offset. */
void mp_patch_count(struct buffer *b, size_t offset, uint32_t count);

#endif
