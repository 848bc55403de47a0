package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A group whose members assign in another way is told, with the way out; that is the
// first step of a move.
func TestMixedGroup(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		timed{count: 100, partitions: 4}.produce(t, k, topic)
		assigned, leave := member(t, k, topic, topic, "range,roundrobin")
		waitAssigned(t, assigned)

		h := startReading(t, host, k, topic, topic)
		h.WaitLog(t, `\[error\].*assign partitions in another way than cooperative-sticky.*set rdkafka.partition.assignment.strategy`, time.Minute)
		stop(t, h.Host)

		// Beside the old member it gets its share, and the rest when that has gone.
		eager := startReading(t, host, k, topic, topic, "rdkafka.partition.assignment.strategy range,roundrobin")
		eager.WaitLog(t, `partitions assigned.*\[\d \d\]`, time.Minute)
		leave()
		eager.wantFrom(t, 0, 100)
		stop(t, eager.Host)

		// The second step: all with the old strategy have stopped.
		timed{first: 100, count: 40, partitions: 4}.produce(t, k, topic)
		last := startReading(t, host, k, topic, topic)
		last.wantFrom(t, 100, 140)
		stop(t, last.Host)
		checkCommitted(t, k, topic, topic)
	})
}

// Two agents with one group_instance_id: the first one says what is wrong.
func TestInstanceIDTwice(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 1)
		line := "group_instance_id ${HOSTNAME}"
		env := map[string]string{"HOSTNAME": "node-17"}
		first := readingWith(t, host, env, k, topic, topic, line)
		first.WaitLog(t, `group_instance_id=node-17`, time.Minute)
		first.WaitLog(t, `partitions assigned`, time.Minute)
		second := readingWith(t, host, env, k, topic, topic, line)
		first.WaitLog(t, `another member of group .* has taken over group_instance_id node-17`, time.Minute)
		second.WaitLog(t, `partitions assigned`, time.Minute)
		timed{count: 10, partitions: 1}.produce(t, k, topic)
		second.wantFrom(t, 0, 10)
		stop(t, second.Host)
		first.Kill()
	})
}

// ${HOSTNAME} is replaced in YAML too.
func TestInstanceIDInYAML(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("reads no YAML")
		}
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 1)
		plugins, err := harness.PluginsDir()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "host.yaml")
		text := fmt.Sprintf(`
plugins: [%s/in_kafka.so]
pipeline:
  inputs:
    - name: tidegate_kafka
      brokers: %s
      topics: %s
      group_id: %[3]s
      group_instance_id: agent-${HOSTNAME}
      client_rack: here
  outputs:
    - name: "null"
      match: "*"
`, plugins, k.Brokers(), topic)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		h := harness.StartHost(t, host, harness.HostConfig{File: path, Env: map[string]string{"HOSTNAME": "node-17"}})
		h.WaitLog(t, `group_instance_id=agent-node-17 client_rack=here`, time.Minute)
		h.WaitLog(t, `partitions assigned`, time.Minute)
		stop(t, h)
	})
}
