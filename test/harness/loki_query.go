package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// pageLimit is the most entries that Lines asks for at once.
const pageLimit = 5000

// queryClient has a deadline: a query that hangs is a failure.
var queryClient = &http.Client{Timeout: time.Minute}

// Entry is one log line as Loki gives it back.
type Entry struct {
	Labels   map[string]string // of its stream
	Time     int64             // ns since the epoch
	Line     string
	Metadata map[string]string // structured metadata
}

// key identifies an entry: Loki itself takes two that agree in all of this for one.
func (e Entry) key() string {
	return fmt.Sprint(e.Time, LabelSet(e.Labels), e.Line, LabelSet(e.Metadata))
}

// Count asks how many entries the streams of a selector got in (from, to], by the values
// of the given labels: sum by (…) (count_over_time(…)). The keys are written by LabelSet.
// It counts every copy of an entry that was sent twice, unlike Lines.
func (l *Loki) Count(selector string, by []string, from, to time.Time) (map[string]int, error) {
	query := fmt.Sprintf("sum by (%s) (count_over_time(%s[%dms]))",
		strings.Join(by, ","), selector, to.Sub(from).Milliseconds())
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any // time, count as a string
			}
		}
	}
	err := l.get("/loki/api/v1/query", url.Values{"query": {query}, "time": {nanos(to.UnixNano())}}, &answer)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("reading a count of %s: %w", query, err)
		}
		counts[LabelSet(r.Metric)] = n
	}
	return counts, nil
}

// Lines reads every entry of a log query in [from, to), page by page. A page starts at
// the time at which the one before ended, because more entries of that instant may
// follow; those that were seen are left out.
func (l *Loki) Lines(query string, from, to time.Time) ([]Entry, error) {
	var entries []Entry
	seen := map[string]bool{}
	start, limit := from.UnixNano(), pageLimit
	for {
		page, err := l.page(query, start, to.UnixNano(), limit)
		if err != nil {
			return nil, err
		}
		last := start
		for _, e := range page {
			if key := e.key(); !seen[key] {
				seen[key] = true
				entries = append(entries, e)
			}
			last = max(last, e.Time)
		}
		if len(page) < limit {
			return entries, nil
		}
		if last == start {
			limit *= 2 // one instant fills the page: only a longer one gets past it
		}
		start = last
	}
}

func (l *Loki) page(query string, start, end int64, limit int) ([]Entry, error) {
	var answer struct {
		Data struct {
			Result []struct {
				Stream map[string]string
				Values [][3]json.RawMessage // time as a string, line, categories
			}
		}
	}
	err := l.get("/loki/api/v1/query_range", url.Values{
		"query": {query}, "start": {nanos(start)}, "end": {nanos(end)},
		"limit": {strconv.Itoa(limit)}, "direction": {"forward"},
	}, &answer)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, stream := range answer.Data.Result {
		for _, v := range stream.Values {
			e, err := readEntry(stream.Stream, v)
			if err != nil {
				return nil, fmt.Errorf("reading an entry of %s: %w", query, err)
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func readEntry(labels map[string]string, v [3]json.RawMessage) (Entry, error) {
	e := Entry{Labels: labels}
	var at string
	if err := json.Unmarshal(v[0], &at); err != nil {
		return e, err
	}
	var err error
	if e.Time, err = strconv.ParseInt(at, 10, 64); err != nil {
		return e, err
	}
	if err := json.Unmarshal(v[1], &e.Line); err != nil {
		return e, err
	}
	if v[2] == nil {
		return e, nil
	}
	var categories struct{ StructuredMetadata map[string]string }
	err = json.Unmarshal(v[2], &categories)
	e.Metadata = categories.StructuredMetadata
	return e, err
}

// get asks for structured metadata to be kept apart from the labels; by default Loki
// mixes them.
func (l *Loki) get(path string, query url.Values, into any) error {
	request, err := http.NewRequest(http.MethodGet, l.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	if l.Tenant != "" {
		request.Header.Set("X-Scope-OrgID", l.Tenant)
	}
	answer, err := queryClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, answer.Status, body)
	}
	return json.Unmarshal(body, into)
}

func nanos(t int64) string { return strconv.FormatInt(t, 10) }
