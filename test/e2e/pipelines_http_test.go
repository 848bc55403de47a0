package e2e_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lineReceiver is an HTTP endpoint that takes a record a line and counts the numbers.
type lineReceiver struct {
	*httptest.Server

	mu   sync.Mutex
	got  numbers
	errs []error
}

func startLineReceiver(t *testing.T, count int) *lineReceiver {
	t.Helper()
	r := &lineReceiver{got: make(numbers, count)}
	r.Server = httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(r.Close)
	return r
}

func (r *lineReceiver) receive(_ http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := bufio.NewScanner(request.Body)
	for lines.Scan() {
		if err := r.got.add(lines.Text()); err != nil {
			r.errs = append(r.errs, err)
		}
	}
	if err := lines.Err(); err != nil {
		r.errs = append(r.errs, err)
	}
}

// complete is nil once every number has come.
func (r *lineReceiver) complete() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.got.missing(); n > 0 {
		return fmt.Errorf("%d of %d records are missing", n, len(r.got))
	}
	return nil
}

// The input in front of an output that Fluent Bit has built in.
func TestPipelineKafkaToHTTP(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-to-http", func(t *testing.T, r ready) {
		target := startLineReceiver(t, pipelineLoad)
		host, port, err := net.SplitHostPort(target.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, messages{count: pipelineLoad}.text(), "-K", "\t")
		h := r.start(t, map[string]string{
			"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPICS": topic, "KAFKA_GROUP": topic,
			"TARGET_HOST": host, "TARGET_PORT": port, "TARGET_URI": "/ingest",
			"STATE_DIR": t.TempDir(),
		})
		harness.Eventually(t, time.Minute, "records at the HTTP endpoint", func() error {
			ended := h.Exited()
			err := target.complete()
			if err != nil && ended {
				return harness.Hopeless{Err: err}
			}
			return err
		})
		stop(t, h)
		target.mu.Lock()
		defer target.mu.Unlock()
		target.got.once(t)
		for _, err := range target.errs {
			t.Error(err)
		}
		checkCommitted(t, k, topic, topic)
	})
}
