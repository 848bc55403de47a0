package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// Three instances of each plugin. No two agree in what would show a mix-up: topics, groups,
// tenants, labels, formats, keys, servers, workers.
const instancesPipeline = `
[INPUT]
    Name            tidegate_kafka
    Tag             one
    brokers         {brokers}
    topics          {job}-a
    group_id        {job}-one
    ack_from        tidegate_loki.0,tidegate_logtide.3
[INPUT]
    Name            tidegate_kafka
    Alias           second
    Tag             two
    brokers         {brokers}
    topics          {job}-b
    group_id        {job}-two
    ack_from        second,tidegate_kafka.8
    format          raw
    client_id       another
[INPUT]
    Name            tidegate_kafka
    topic_tag       three.$topic
    brokers         {brokers}
    topics          {job}-a
    group_id        {job}-three
    ack_from        tidegate_loki.2
[INPUT]
    Name            tail
    Tag             x
    Path            {dir}/x.log
    Read_From_Head  on
[INPUT]
    Name            tail
    Tag             y
    Path            {dir}/y.log
    Read_From_Head  on

[OUTPUT]
    Name            tidegate_loki
    Match           one
    url             {loki}
    tenant_id       first
    labels          job={job},way=one
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_loki
    Alias           second
    Match           two
    url             {loki}
    tenant_id       second
    labels          job={job},way=two
    Workers         1
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_loki
    Match           three.*
    url             {loki}
    tenant_id       first
    labels          job={job},way=three
    batch_size      2k
    Workers         2
    Retry_Limit     no_limits

[OUTPUT]
    Name            tidegate_logtide
    Match           one
    url             {logtide0}
    api_key         lp_0
    service         first
    Workers         2
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_logtide
    Alias           second
    Match           two
    url             {logtide1}
    api_key         lp_1
    batch_size      100
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_logtide
    Match           x
    url             {logtide2}
    api_key         lp_2
    Workers         1
    Retry_Limit     no_limits

[OUTPUT]
    Name            tidegate_kafka
    Match           x
    brokers         {brokers}
    topic           {job}-out1
    format          raw
    raw_log_key     log
    Workers         1
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_kafka
    Alias           second
    Match           y
    brokers         {brokers}
    topic           {job}-out2
    message_key     fixed
    Workers         2
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_kafka
    Match           two
    brokers         {brokers}
    topic           {job}-out3
    Retry_Limit     no_limits
`

// instancesInputs are the Kafka inputs of the pipeline.
var instancesInputs = []struct{ name, group, topic string }{
	{"tidegate_kafka.0", "one", "a"}, {"second", "two", "b"}, {"tidegate_kafka.2", "three", "a"},
}

var routesOfOurs = []route{
	{"first tidegate_loki", "topic a", lokiRoute("first", "one")},
	{"second tidegate_loki", "topic b", lokiRoute("second", "two")},
	{"third tidegate_loki", "topic a", lokiRoute("first", "three")},
	{"first tidegate_logtide", "topic a", logtideRoute(0)},
	{"second tidegate_logtide", "topic b", logtideRoute(1)},
	{"third tidegate_logtide", "file x", logtideRoute(2)},
	{"first tidegate_kafka", "file x", kafkaRoute("out1")},
	{"second tidegate_kafka", "file y", kafkaRoute("out2")},
	{"third tidegate_kafka", "topic b", kafkaRoute("out3")},
}

const builtInInstances = `
[INPUT]
    Name            kafka
    Tag             four
    brokers         {brokers}
    topics          {job}-c
    group_id        {job}-four
    rdkafka.auto.offset.reset earliest
[OUTPUT]
    Name            loki
    Match           four
    Host            {loki_host}
    Port            {loki_port}
    tenant_id       fourth
    labels          job={job}, way=four
    Workers         1
    Retry_Limit     no_limits
[OUTPUT]
    Name            kafka
    Match           y
    brokers         {brokers}
    topics          {job}-out4
    Workers         1
    Retry_Limit     no_limits
`

var routesOfBuiltIns = []route{
	{"built-in loki", "topic c", lokiRoute("fourth", "four")},
	{"built-in kafka", "file y", kafkaRoute("out4")},
}

// lokiRoute reads what a tenant has under a label way.
func lokiRoute(tenant, way string) func(*testing.T, *routes) []string {
	return func(t *testing.T, r *routes) []string {
		t.Helper()
		r.loki.Tenant = tenant
		entries, err := r.loki.Lines(fmt.Sprintf("{job=%q,way=%q}", r.job, way), time.Now().Add(-time.Hour), time.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		lines := make([]string, len(entries))
		for i, e := range entries {
			lines[i] = e.Line
		}
		return lines
	}
}

func logtideRoute(server int) func(*testing.T, *routes) []string {
	return func(_ *testing.T, r *routes) []string {
		logs := r.logtide[server].Logs()
		lines := make([]string, len(logs))
		for i, log := range logs {
			lines[i] = log.Message
		}
		return lines
	}
}

func kafkaRoute(topic string) func(*testing.T, *routes) []string {
	return func(t *testing.T, r *routes) []string {
		t.Helper()
		return r.client.Consume(t, r.job+"-"+topic, "%s\n")
	}
}

// checkLog looks for each instance's name beside what only that instance was told.
func (r *routes) checkLog(t *testing.T, h *harness.Host) {
	t.Helper()
	for name, only := range map[string]string{
		"[input:tidegate_kafka:tidegate_kafka.0]":      "group_id=" + r.job + "-one ",
		"[input:tidegate_kafka:second]":                "group_id=" + r.job + "-two ",
		"[input:tidegate_kafka:tidegate_kafka.2]":      "group_id=" + r.job + "-three ",
		"[output:tidegate_loki:tidegate_loki.0]":       "way=one",
		"[output:tidegate_loki:second]":                "way=two",
		"[output:tidegate_loki:tidegate_loki.2]":       "way=three",
		"[output:tidegate_logtide:tidegate_logtide.3]": r.logtide[0].URL,
		"[output:tidegate_logtide:second]":             r.logtide[1].URL,
		"[output:tidegate_logtide:tidegate_logtide.5]": r.logtide[2].URL,
		"[output:tidegate_kafka:tidegate_kafka.6]":     "topic=" + r.job + "-out1",
		"[output:tidegate_kafka:second]":               "topic=" + r.job + "-out2",
		"[output:tidegate_kafka:tidegate_kafka.8]":     "topic=" + r.job + "-out3",
	} {
		if !lineWith(h.Log(), []string{name, "starting tidegate", only}) {
			t.Errorf("no first line of %s with %q", name, only)
		}
	}
	for _, in := range instancesInputs {
		if !lineWith(h.Log(), []string{"[input:tidegate_kafka:" + in.name + "]", "partitions assigned", r.job + "-" + in.topic + "[0 1]"}) {
			t.Errorf("no assignment of topic %s in the name of %s", in.topic, in.name)
		}
	}
}
