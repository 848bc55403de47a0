package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// The tests of the Kafka output that only a real broker can answer: what it refuses of a
// batch. They belong to the plugin's package and skip where they are not told a broker.
func TestOutKafkaOnRealBroker(t *testing.T) {
	k, _ := servers(t)
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "test", "-count=1", "-run", "^TestBroker(RefusesBatch|HasNoTopic)$", "./plugins/out_kafka")
	run.Dir = filepath.Clean(root)
	run.Env = append(os.Environ(), "KAFKA="+k.Brokers())
	if text, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}
