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
	return startLineReceiverAt(t, "127.0.0.1:0", count)
}

// startLineReceiverAt starts one at an address that agents may have asked before.
func startLineReceiverAt(t *testing.T, address string, count int) *lineReceiver {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r := &lineReceiver{got: make(numbers, count)}
	r.Server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(r.receive)}}
	r.Start()
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

// wait returns once every number has come. An agent that has ended brings none.
func (r *lineReceiver) wait(t *testing.T, h *harness.Host) {
	t.Helper()
	harness.Eventually(t, time.Minute, "records at the HTTP endpoint", func() error {
		ended := h.Exited()
		err := r.complete()
		if err != nil && ended {
			return harness.Hopeless{Err: err}
		}
		return err
	})
}

// check demands each number once, and nothing else.
func (r *lineReceiver) check(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got.once(t)
	for _, err := range r.errs {
		t.Error(err)
	}
}

// httpEnv is what kafka-to-http reads from the environment.
func httpEnv(t *testing.T, k *harness.Kafka, topic, address string) map[string]string {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPICS": topic, "KAFKA_GROUP": topic, "STATE_DIR": t.TempDir(),
		"TARGET_HOST": host, "TARGET_PORT": port, "TARGET_URI": "/ingest",
	}
}

// The input in front of an output that Fluent Bit has built in.
func TestPipelineKafkaToHTTP(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-to-http", func(t *testing.T, r ready) {
		target := startLineReceiver(t, pipelineLoad)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, messages{count: pipelineLoad}.text(), "-K", "\t")
		h := r.start(t, httpEnv(t, k, topic, target.Listener.Addr().String()))
		target.wait(t, h)
		stop(t, h)
		target.check(t)
		checkCommitted(t, k, topic, topic)
	})
}
