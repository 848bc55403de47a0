package deadletter

import (
	"testing"
	"time"
)

// Where no broker answers, an exit takes its time and not much more.
func TestCloseUnreachable(t *testing.T) {
	a := newAgent()
	topic, err := NewTopic(a.owner(t), "dead", Cluster{Brokers: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := topic.Send(numberedLetter(i), func() { t.Error("safe without a broker") }); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	if left := topic.Close(start.Add(500 * time.Millisecond)); left != 100 {
		t.Errorf("%d left", left)
	}
	a.running.Wait()
	took := time.Since(start)
	t.Logf("closed in %s", took.Round(time.Millisecond))
	if took > 10*time.Second {
		t.Error("that is long")
	}
}
