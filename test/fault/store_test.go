package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// Each store is given the numbers 0 to 99 without 17, and 23 and 42 twice. A checker that
// does not find this finds nothing.
const (
	planted      = 100
	plantedLoss  = 17
	plantedTwice = 23
	plantedLate  = 42 // twice, at another time than the first
)

var plantedVerdict = Verdict{Sent: planted, Stored: planted - 1, Missing: 1, Twice: 2, Gaps: "17"}

// plant calls put with what a store is to hold; at tells the second time from the first.
func plant(put func(n, at int)) {
	for n := range planted {
		if n != plantedLoss {
			put(n, 0)
		}
	}
	put(plantedTwice, 0)
	put(plantedLate, 1)
}

// wantPlanted demands that a store shows what was planted, and nothing missing once the
// planted loss has been made good.
func wantPlanted(t *testing.T, s Store, put func(n, at int)) {
	t.Helper()
	v, err := Settle(s, handOut(planted), 2*time.Second, time.Minute)
	if err != nil || v != plantedVerdict {
		t.Fatalf("%+v, %v; want %+v", v, err, plantedVerdict)
	}
	put(plantedLoss, 0)
	if v, err = Settle(s, handOut(planted), time.Minute, time.Minute); err != nil || v.Lossless() != nil {
		t.Errorf("with the loss made good: %+v, %v", v, err)
	}
}

func TestLokiStore(t *testing.T) {
	l := harness.StartLoki(t, harness.LokiOptions{AuthEnabled: true})
	s := InLoki(l, "checked")
	begin := time.Now()
	put := func(n, at int) {
		time := begin.Add(time.Duration(n)*time.Microsecond + time.Duration(at)*time.Second)
		stream := map[string]any{
			"stream": map[string]string{"job": "planted"},
			"values": [][]string{{fmt.Sprint(time.UnixNano()), string(AppendRecord(nil, n))}},
		}
		post(t, l.URL+"/loki/api/v1/push", "X-Scope-OrgID", "checked", map[string]any{"streams": []any{stream}})
	}
	plant(put)
	wantPlanted(t, s, put)
}

func TestLogTideStore(t *testing.T) {
	server := logtide.Start(t)
	put := func(n, at int) {
		log := map[string]any{
			"time": time.Now().Add(time.Duration(at) * time.Second).UTC().Format(time.RFC3339Nano), "service": "s", "level": "info",
			"message": string(AppendRecord(nil, n)),
		}
		post(t, server.URL+"/api/v1/ingest", "X-API-Key", logtide.DefaultKey, map[string]any{"logs": []any{log}})
	}
	plant(put)
	wantPlanted(t, InLogTide(server.Handler), put)
}

func TestHTTPStore(t *testing.T) {
	server := StartHTTPStore(t)
	put := func(n, _ int) {
		post(t, "http://"+server.Address(), "X-Any", "", json.RawMessage(AppendRecord(nil, n)))
	}
	plant(put)
	wantPlanted(t, server, put)
}

func post(t *testing.T, url, header, value string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(header, value)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode/100 != 2 {
		t.Fatalf("%s: %s", url, answer.Status)
	}
}

// The store in Kafka, and the source that fills it: what the source notes as safe is there.
func TestKafkaStoreAndSource(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{})
	client := harness.NeedKcat(t, k)
	k.CreateTopic(t, "planted", 3)
	produce := func(numbers []int) {
		var lines []byte
		for _, n := range numbers {
			lines = append(AppendRecord(lines, n), '\n')
		}
		client.Produce(t, "planted", string(lines))
	}
	var numbers []int
	plant(func(n, _ int) { numbers = append(numbers, n) })
	produce(numbers)
	wantPlanted(t, InKafka(k, "planted"), func(n, _ int) { produce([]int{n}) })

	k.CreateTopic(t, "source", 3)
	source, err := NewKafkaSource(k.Brokers(), "source")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	if err := source.Send(t.Context(), 5000, 20_000); err != nil {
		t.Fatal(err)
	}
	v, err := Settle(InKafka(k, "source"), source.Ledger, 5*time.Second, time.Minute)
	if want := (Verdict{Sent: 5000, Stored: 5000}); err != nil || v != want {
		t.Errorf("%+v, %v; want %+v", v, err, want)
	}
}

func TestFileSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	s, err := NewFileSource(path)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := s.Send(t.Context(), 300, 1000); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 290*time.Millisecond {
		t.Errorf("300 records at 1,000 a second took %s", took)
	}
	if err := s.Send(t.Context(), 200, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &Copies{}
	for line := range bytes.Lines(text) {
		c.Add(line)
	}
	if v := Judge(s.Ledger, c); v != (Verdict{Sent: 500, Stored: 500}) {
		t.Errorf("%+v", v)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ended, 10, 10); err == nil {
		t.Error("a source that was ended says that all is sent")
	}
}
