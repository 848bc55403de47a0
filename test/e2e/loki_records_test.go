package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// oddValues are texts that break label sets, as JSON writes them.
var oddValues = []string{`say \"hi\" \\`, `two\nlines\t`, `nul\u0000byte`, `emoji 😀 grüße`, "{}=,;'`", `$TAG @x`}

// oddLines are lines of a file that are not UTF-8, and the text that is stored: each wrong
// byte is U+FFFD. JSON cannot hold them.
var oddLines = map[string]string{
	"caf\xe9 latin":          "caf\uFFFD latin",
	"\xff\xfe":               "\uFFFD\uFFFD",
	"cut \xf0\x9f\x98":       "cut \uFFFD\uFFFD\uFFFD",
	"surrogate \xed\xa0\x80": "surrogate \uFFFD\uFFFD\uFFFD",
}

// A value that is odd is found again by it, as a label, as metadata and as a line. Of one that
// is no UTF-8 each wrong byte is a question mark in the label, and a space in metadata, which
// Loki makes of U+FFFD.
func TestLokiOddValues(t *testing.T) {
	_, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job, file := uniqueName(t), filepath.Join(t.TempDir(), "odd.log")
		var pipeline strings.Builder
		wants := map[string]string{} // and the label
		for _, v := range oddValues {
			want, err := strconv.Unquote(`"` + v + `"`)
			if err != nil {
				t.Fatal(err)
			}
			wants[want] = want
			fmt.Fprintf(&pipeline, "[INPUT]\n    Name dummy\n    Tag odd\n    Samples 1\n    Dummy {\"log\":\"%s\"}\n", v)
		}
		for _, want := range oddLines {
			wants[want] = strings.ReplaceAll(want, "\uFFFD", "?")
		}
		lines := strings.Join(slices.Collect(maps.Keys(oddLines)), "\n") + "\n"
		if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&pipeline, `[INPUT]
    Name                 tail
    Tag                  odd
    Path                 %s
    Read_from_Head       on
[OUTPUT]
    Name                 tidegate_loki
    Match                odd
    url                  %s
    labels               job=%s,v=$log
    structured_metadata  m=$log
    line_format          raw
    line_key             log
`, file, l.URL, job)
		from := time.Now().Add(-time.Minute)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline.String()})
		for want, label := range wants {
			metadata := strings.ReplaceAll(want, "\uFFFD", " ")
			harness.Eventually(t, 30*time.Second, want, func() error {
				found, err := l.Lines(fmt.Sprintf("{job=%q, v=%q} | m = %q", job, label, metadata), from, time.Now().Add(time.Minute))
				if err != nil {
					return err
				}
				if len(found) != 1 || found[0].Line != want || found[0].Labels["v"] != label || found[0].Metadata["m"] != metadata {
					return fmt.Errorf("got %+v", found)
				}
				return nil
			})
		}
		stop(t, h)
	})
}

// A configuration of Grafana's plugin works once its Name is changed.
func TestLokiOptionsOfGrafana(t *testing.T) {
	_, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		from := time.Now().Add(-time.Minute)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: fmt.Sprintf(`
[INPUT]
    Name     dummy
    Tag      a
    Samples  1
    Dummy    {"app":"shop","level":"info","log":"hello, world","n":1}
[OUTPUT]
    Name           tidegate_loki
    Match          *
    Url            %s/loki/api/v1/push
    TenantID       one
    BatchSize      30720
    Timeout        5s
    Labels         {job=%q, env="x"}
    LabelKeys      app,level
    RemoveKeys     app,level
    LineFormat     key_value
    DropSingleKey  true
    AutoKubernetesLabels  false
`, l.URL, job)})
		harness.Eventually(t, 30*time.Second, "the record", func() error {
			found, err := l.Lines(fmt.Sprintf(`{job=%q, env="x", app="shop", level="info"}`, job), from, time.Now().Add(time.Minute))
			if err == nil && (len(found) != 1 || found[0].Line != `log="hello, world" n=1`) {
				err = fmt.Errorf("got %+v", found)
			}
			return err
		})
		stop(t, h)
	})
}

// tenantLines reads what a tenant has of a job.
func tenantLines(l *harness.Loki, tenant, job string) ([]string, error) {
	query := url.Values{"query": {fmt.Sprintf("{job=%q}", job)}, "since": {"1h"}}
	req, err := http.NewRequest(http.MethodGet, l.URL+"/loki/api/v1/query_range?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Scope-OrgID", tenant)
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct{ Result []struct{ Values [][]any } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %w", resp.StatusCode, err)
	}
	var lines []string
	for _, r := range answer.Data.Result {
		for _, v := range r.Values {
			line, _ := v[1].(string)
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// Each record is its tenant's and nobody else's; one whose tenant Loki does not take holds
// up no other.
func TestLokiTenants(t *testing.T) {
	l := harness.StartLoki(t, harness.LokiOptions{AuthEnabled: true, Limits: openLimits})
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		var pipeline strings.Builder
		for i, tenant := range []string{`"a"`, `"b"`, `"not/one"`, `null`, `"a"`} {
			fmt.Fprintf(&pipeline, "[INPUT]\n    Name dummy\n    Tag odd\n    Samples 1\n    Dummy {\"log\":\"{\\\"t\\\":%s}\",\"n\":%d}\n",
				strings.ReplaceAll(tenant, `"`, `\"`), i)
		}
		fmt.Fprintf(&pipeline, `[OUTPUT]
    Name           tidegate_loki
    Match          odd
    url            %s
    labels         job=%s
    tenant_id_key  team-$log['t']
    tenant_id      others
    line_format    raw
    line_key       n
`, l.URL, job)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline.String()})
		for tenant, want := range map[string][]string{"team-a": {"0", "4"}, "team-b": {"1"}, "others": {"3"}} {
			harness.Eventually(t, 30*time.Second, "records of "+tenant, func() error {
				got, err := tenantLines(l, tenant, job)
				if err == nil && !slices.Equal(got, want) {
					err = fmt.Errorf("got %q, want %q", got, want)
				}
				return err
			})
		}
		h.WaitLog(t, "bad_tenant", 30*time.Second)
		stop(t, h)
	})
}
