package e2e_test

import (
	"fmt"
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
// if they do not all pass, the test fails.
func deadLetterTests(t *testing.T, which string, env map[string]string) <-chan string {
	t.Helper()
	tests := harness.BuildPackageTests(t, "common/deadletter", which)
	printed, over := make(chan string, 1), make(chan struct{})
	t.Cleanup(func() { <-over }) // after the context's end
	go func() {
		defer close(over)
		text, err := tests.Run(t.Context(), env)
		if err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		printed <- text
	}()
	return printed
}
