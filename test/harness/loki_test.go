package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestLokiCountsAndLines(t *testing.T) {
	l := StartLoki(t, LokiOptions{Limits: map[string]any{"ingestion_rate_mb": 100, "ingestion_burst_size_mb": 100}})
	now := time.Now()
	// More entries than a page at one instant, then a few at others: both ways of paging.
	const crowd, tail = pageLimit + 1500, 700
	var entries []Entry
	for i := range crowd + tail {
		at := now.UnixNano()
		if i >= crowd {
			at += int64(i)
		}
		entries = append(entries, Entry{
			Time: at, Line: "line " + strconv.Itoa(i),
			Metadata: map[string]string{"n": strconv.Itoa(i % 3)},
		})
	}
	push(t, l, "", map[string]string{"job": "big"}, entries)
	push(t, l, "", map[string]string{"job": "small", "level": `a "quoted" \`}, entries[:2])

	// Sent again, these leave no trace in any query.
	push(t, l, "", map[string]string{"job": "small", "level": `a "quoted" \`}, entries[:2])
	if got, err := l.Received(); err != nil || got != len(entries)+4 {
		t.Errorf("received %d entries, %v; %d were sent", got, err, len(entries)+4)
	}

	from, to := now.Add(-time.Minute), now.Add(time.Minute)
	counts, err := l.Count(`{job=~"big|small"}`, []string{"job", "level"}, from, to)
	if err != nil {
		t.Fatal(err)
	}
	big, small := `{job="big"}`, `{job="small", level="a \"quoted\" \\"}`
	if len(counts) != 2 || counts[big] != crowd+tail || counts[small] != 2 {
		t.Errorf("counts %v", counts)
	}
	got, err := l.Lines(`{job="big"}`, from, to)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]Entry{}
	for _, e := range got {
		seen[e.Line] = e
	}
	if len(got) != len(entries) || len(seen) != len(entries) {
		t.Fatalf("read %d lines, %d different, want %d", len(got), len(seen), len(entries))
	}
	for _, want := range entries {
		e := seen[want.Line]
		if e.Time != want.Time || e.Metadata["n"] != want.Metadata["n"] || e.Labels["job"] != "big" {
			t.Fatalf("got %+v, want %+v", e, want)
		}
	}
}

func TestLokiTenants(t *testing.T) {
	l := StartLoki(t, LokiOptions{AuthEnabled: true})
	now := time.Now()
	push(t, l, "one", map[string]string{"job": "x"}, []Entry{{Time: now.UnixNano(), Line: "hello"}})
	for tenant, want := range map[string]int{"one": 1, "two": 0} {
		l.Tenant = tenant
		got, err := l.Lines(`{job="x"}`, now.Add(-time.Minute), now.Add(time.Minute))
		if err != nil || len(got) != want {
			t.Errorf("tenant %s: %d lines, %v; want %d", tenant, len(got), err, want)
		}
	}
	l.Tenant = ""
	if _, err := l.Lines(`{job="x"}`, now, now.Add(time.Minute)); err == nil {
		t.Error("a query without a tenant was answered")
	}
}

// push sends one stream, and demands that it is taken.
func push(t *testing.T, l *Loki, tenant string, labels map[string]string, entries []Entry) {
	t.Helper()
	answer := pushAnswer(t, l, tenant, labels, entries)
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("push: %s: %s", answer.Status, text)
	}
}

// pushAnswer sends one stream in Loki's JSON form.
func pushAnswer(t *testing.T, l *Loki, tenant string, labels map[string]string, entries []Entry) *http.Response {
	t.Helper()
	var values [][]any
	for _, e := range entries {
		metadata := e.Metadata
		if metadata == nil {
			metadata = map[string]string{}
		}
		values = append(values, []any{fmt.Sprint(e.Time), e.Line, metadata})
	}
	body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": labels, "values": values}}})
	if err != nil {
		t.Fatal(err)
	}
	request, _ := http.NewRequest(http.MethodPost, l.URL+"/loki/api/v1/push", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Scope-OrgID", tenant)
	answer, err := queryClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
