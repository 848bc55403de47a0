package outloki

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// foundIn asks a real Loki for the entries of a day, 5,000 at most.
func foundIn(t *testing.T, address, query string, from time.Time) (all []stored) {
	t.Helper()
	values := url.Values{
		"query": {query}, "limit": {"5000"},
		"start": {strconv.FormatInt(from.UnixNano(), 10)}, "end": {strconv.FormatInt(from.Add(24*time.Hour).UnixNano(), 10)},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/loki/api/v1/query_range?"+values.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data struct {
			Result []struct {
				Stream map[string]string
				Values [][3]json.RawMessage
			}
		}
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %v", query, resp.Status, err)
	}
	for _, s := range answer.Data.Result {
		for _, v := range s.Values {
			e := stored{labels: s.Stream}
			var at string
			var more struct{ StructuredMetadata map[string]string }
			if json.Unmarshal(v[0], &at) != nil || json.Unmarshal(v[1], &e.line) != nil || v[2] != nil && json.Unmarshal(v[2], &more) != nil {
				t.Fatalf("unexpected entry %s", v)
			}
			e.metadata = more.StructuredMetadata
			e.time, _ = strconv.ParseInt(at, 10, 64)
			all = append(all, e)
		}
	}
	return all
}
