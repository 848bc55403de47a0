package delivery

import (
	"strings"
	"testing"
	"time"
)

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	f := func(outputs, ackFrom []string, want string) {
		t.Helper()
		r := NewRegistry(start)
		for _, name := range outputs {
			plugin, _, _ := strings.Cut(name, ".")
			r.Join(plugin, name)
		}
		l := NewLedger(r, Options{AckFrom: ackFrom})
		got := ""
		if err := l.Start(); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(l.Outputs(), " ")
		}
		if !strings.Contains(got, want) {
			t.Errorf("outputs %v, ack_from %v: %q, want %q", outputs, ackFrom, got, want)
		}
	}
	f(nil, nil, "this agent has none")
	f([]string{"loki.0"}, nil, "loki.0")
	f([]string{"loki.0", "loki.0"}, nil, "loki.0") // the old one leaves after a reload
	f([]string{"loki.0", "kafka.0"}, nil, "there are several: kafka.0, loki.0")
	f([]string{"loki.0", "kafka.0"}, []string{"loki"}, "loki.0")
	f([]string{"loki.0", "loki.1"}, []string{"loki"}, "loki.0 loki.1")
	f([]string{"loki.0", "loki.1"}, []string{"loki.1"}, "loki.1")
	f([]string{"loki.0"}, []string{"es"}, `"es", which is no Tidegate output`)
}

// TestLeave has the agent's old outputs leave after a reload renamed them.
func TestLeave(t *testing.T) {
	t.Parallel()
	r := NewRegistry(start)
	old := r.Join("loki", "old")
	r.Join("loki", "new")
	l := NewLedger(r, Options{})
	if err := l.Start(); err == nil {
		t.Error("two outputs and no ack_from: no error")
	}
	old.Leave()
	if err := l.Start(); err != nil || len(l.Outputs()) != 1 || l.Outputs()[0] != "new" {
		t.Errorf("after one left: %v, %v", l.Outputs(), err)
	}
}

// TestAbsentIsNotIdle holds that an output which has left, as at the agent's end,
// is not one that has nothing more to get: chunks may not have come to it yet.
func TestAbsentIsNotIdle(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	p.ledger.Taken(Count{Records: 10}, start)
	p.committed(0)
	p.outputs[0].Leave()
	late := start.Add(5 * time.Minute)
	p.ledger.Taken(Count{Records: 10}, late)
	p.ledger.Redeliver(nil, late)
	p.committed(-1)
}
