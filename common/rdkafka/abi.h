/*
 * The part of librdkafka's public, stable ABI that this package uses.
 *
 * The header itself lies inside confluent-kafka-go's module, where a plain
 * `go build` of another package cannot point the compiler. These declarations
 * let `go test ./...` work without preparation; `make build` has the header,
 * includes it instead, and so proves each use against it.
 */
#ifndef TIDEGATE_RDKAFKA_ABI_H
#define TIDEGATE_RDKAFKA_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#if __has_include(<librdkafka/rdkafka.h>)
#include <librdkafka/rdkafka.h>
#else

typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_headers_s rd_kafka_headers_t;
typedef struct rd_kafka_conf_s rd_kafka_conf_t;
typedef int rd_kafka_resp_err_t;
typedef int rd_kafka_conf_res_t;
typedef int rd_kafka_timestamp_type_t;

#define RD_KAFKA_RESP_ERR_NO_ERROR 0
#define RD_KAFKA_TIMESTAMP_NOT_AVAILABLE 0
#define RD_KAFKA_CONF_OK 0

typedef struct {
    rd_kafka_resp_err_t err;
    rd_kafka_topic_t *rkt;
    int32_t partition;
    void *payload;
    size_t len;
    void *key;
    size_t key_len;
    int64_t offset;
    void *_private;
} rd_kafka_message_t;

rd_kafka_queue_t *rd_kafka_queue_new(rd_kafka_t *);
void rd_kafka_queue_destroy(rd_kafka_queue_t *);
rd_kafka_queue_t *rd_kafka_queue_get_partition(rd_kafka_t *, const char *, int32_t);
void rd_kafka_queue_forward(rd_kafka_queue_t *, rd_kafka_queue_t *);
ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *, int, rd_kafka_message_t **, size_t);
void rd_kafka_message_destroy(rd_kafka_message_t *);
int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *, rd_kafka_timestamp_type_t *);
rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t *, rd_kafka_headers_t **);
rd_kafka_resp_err_t rd_kafka_header_get_all(const rd_kafka_headers_t *, size_t, const char **,
                                            const void **, size_t *);
const char *rd_kafka_topic_name(const rd_kafka_topic_t *);
char *rd_kafka_clusterid(rd_kafka_t *, int);
void rd_kafka_mem_free(rd_kafka_t *, void *);
rd_kafka_conf_t *rd_kafka_conf_new(void);
void rd_kafka_conf_destroy(rd_kafka_conf_t *);
rd_kafka_conf_res_t rd_kafka_conf_set(rd_kafka_conf_t *, const char *, const char *, char *, size_t);
void rd_kafka_conf_properties_show(FILE *);

#endif
#endif
