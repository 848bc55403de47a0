package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// The tests of dead letters that only a real broker can answer belong to their package and
// skip where they are not told a broker. The broker of this one has access control, and it
// is killed and started again while letters arrive.
func TestDeadLettersOnRealBroker(t *testing.T) {
	t.Parallel()
	k := harness.StartKafka(t, harness.KafkaOptions{Secured: true})
	const topic = "dead.letters"
	k.CreateTopic(t, topic, 1)
	run := deadLetterTests(t, "^TestBroker", map[string]string{
		"KAFKA":             k.Brokers(),
		"KAFKA_SASL":        k.SecureBrokers(harness.ListenSASLClear),
		"KAFKA_USER":        harness.KafkaAgent.Name,
		"KAFKA_PASSWORD":    harness.KafkaAgent.Password,
		"DEAD_LETTER_TOPIC": topic,
	})
	harness.Eventually(t, 5*time.Minute, "some letters", func() error {
		select {
		case text := <-run:
			t.Fatalf("the tests are over:\n%s", text)
		default:
		}
		if end := k.EndOffsets(t, topic)[0]; end < 5_000 {
			return fmt.Errorf("%d so far", end)
		}
		return nil
	})
	k.KillBroker(0)
	k.StartBroker(t, 0)
	t.Logf("%s", <-run)
}

// deadLetterTests runs tests of common/deadletter. What they print comes when they are over;
// if they fail, the test fails.
func deadLetterTests(t *testing.T, which string, env map[string]string) <-chan string {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	// A program of its own and not go test, whose end would not be that of the tests.
	program := filepath.Join(t.TempDir(), "deadletter.test")
	build := exec.Command("go", "test", "-c", "-o", program, "./common/deadletter")
	build.Dir = filepath.Clean(root)
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	run := exec.CommandContext(t.Context(), program, "-test.v", "-test.timeout=9m", "-test.run="+which)
	run.Dir = t.TempDir()
	run.Env = os.Environ()
	for name, value := range env {
		run.Env = append(run.Env, name+"="+value)
	}
	printed, over := make(chan string, 1), make(chan struct{})
	t.Cleanup(func() { <-over }) // after the context's end
	go func() {
		defer close(over)
		text, err := run.CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		printed <- string(text)
	}()
	return printed
}
