package deadletter

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"testing"
	"time"
)

// BenchmarkTopic sends letters of 300 bytes to a real broker, and ends when all
// are safe.
func BenchmarkTopic(b *testing.B) {
	brokers, name := os.Getenv("KAFKA"), os.Getenv("DEAD_LETTER_TOPIC")
	if brokers == "" || name == "" {
		b.Skip("set KAFKA=host:port and DEAD_LETTER_TOPIC to run this on a real broker")
	}
	topic, err := NewTopic(newAgent().owner(b), name, Cluster{Brokers: []string{brokers}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { topic.Close(time.Now().Add(time.Second)) }()
	l := numberedLetter(1)
	l.Value = bytes.Repeat([]byte("x"), 300)
	b.SetBytes(300)
	var all sync.WaitGroup
	for b.Loop() {
		all.Add(1)
		for errors.Is(topic.Send(l, all.Done), ErrFull) {
			<-topic.Room()
		}
	}
	all.Wait()
}
