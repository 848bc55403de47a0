package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// numberInRecord finds the number of a record in whatever a host's file output writes.
var numberInRecord = regexp.MustCompile(`"n":(\d+)`)

// A built-in output gets every record too: here the one to a file, in TestPipelineKafkaToHTTP
// the one over HTTP.
func TestKafkaToBuiltInOutput(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, messages{count: pipelineLoad}.text(), "-K", "\t")
		dir := t.TempDir()
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: fmt.Sprintf(`
[INPUT]
    Name      tidegate_kafka
    brokers   %s
    topics    %s
    group_id  %s
    commit    appended
[OUTPUT]
    Name      file
    Match     *
    Path      %s
    File      records
`, k.Brokers(), topic, topic, dir)})
		var got numbers
		harness.Eventually(t, time.Minute, "records in the file", func() error {
			text, err := os.ReadFile(filepath.Join(dir, "records"))
			if err != nil {
				return err
			}
			got = make(numbers, pipelineLoad)
			for _, found := range numberInRecord.FindAllSubmatch(text, -1) {
				if n, err := strconv.Atoi(string(found[1])); err == nil && n < len(got) {
					got[n]++
				}
			}
			if missing := got.missing(); missing > 0 {
				return fmt.Errorf("%d of %d records are missing", missing, len(got))
			}
			return nil
		})
		stop(t, h)
		got.once(t)
		checkCommitted(t, k, topic, topic)
	})
}
