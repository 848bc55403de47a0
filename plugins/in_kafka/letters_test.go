package inkafka

import (
	"testing"
	"time"
)

// TestLettersEndWithTheReader holds that the producer of dead letters is closed
// also where no client's last commit came before: at an end between two clients.
func TestLettersEndWithTheReader(t *testing.T) {
	t.Parallel()
	c, err := parse(with(map[string]string{"brokers": "127.0.0.1:1", "on_error": onErrorDeadLetter, "dead_letter_topic": "dead"}))
	if err != nil {
		t.Fatal(err)
	}
	h, _ := testHost(t)
	spawn, ended := h.Go, map[string]<-chan struct{}{}
	h.Go = func(name string, f func()) <-chan struct{} {
		ended[name] = spawn(name, f)
		return ended[name]
	}
	r, err := newReader(c, h, c.newLedger(h.Deliveries, 7, false), newCounts(nil), make(chan struct{}))
	if err != nil {
		t.Fatal(err)
	}
	r.close()
	select {
	case <-ended["dead letters"]:
	case <-time.After(10 * time.Second):
		t.Error("dead letters go on")
	}
}
