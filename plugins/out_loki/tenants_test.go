package outloki

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/plugin"
)

// tenantsOf returns what was pushed for each tenant: the numbers of the records.
func tenantsOf(t *testing.T, l *loki) map[string][]string {
	t.Helper()
	got := map[string][]string{}
	for i, push := range l.pushes {
		tenant := l.heads[i].Header.Get("X-Scope-OrgID")
		for _, s := range push {
			for _, line := range s.lines {
				_, n, _ := strings.Cut(line.text, `"n":`)
				got[tenant] = append(got[tenant], strings.Trim(n, "}"))
			}
		}
	}
	return got
}

const sameLabels = `{job="x"}`

// Streams of equal labels are apart for each tenant, and each push is of one.
func TestPushesOfTenants(t *testing.T) {
	var records []string
	for i := range 9 {
		tenant := []string{`"b"`, `"a"`, `null`}[i%3]
		records = append(records, fmt.Sprintf(`{"t":%s,"n":%d}`, tenant, 9-i))
	}
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "labels=job=x", "tenant_id_key=$t", "tenant_id=other")
	data := chunkOf(records...)
	if r := o.Flush(t.Context(), "", data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	got := tenantsOf(t, server)
	for tenant, want := range map[string][]string{"b": {"9", "6", "3"}, "a": {"8", "5", "2"}, "other": {"7", "4", "1"}} {
		if !slices.Equal(got[tenant], want) {
			t.Errorf("%s: got %v, want %v", tenant, got[tenant], want)
		}
	}
	if len(server.pushes) != 3 || len(got) != 3 || server.pushes[0][0].labels != sameLabels {
		t.Errorf("got %+v of %v", server.pushes, got)
	}
}

// A tenant that fails is retried alone.
func TestTenantThatFails(t *testing.T) {
	failing := true
	server := startLoki(t, func(push []stream) lokiReply {
		if failing && push[0].labels == `{t="bad"}` {
			return lokiReply{status: 500, body: "no"}
		}
		return lokiReply{status: 204}
	})
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=t", "tenant_id_key=t")
	data := chunkOf(`{"t":"bad","n":1}`, `{"t":"good","n":2}`, `{"t":"bad","n":3}`, `{"t":"good","n":4}`)
	if r := o.Flush(t.Context(), "", data); r != plugin.Retry {
		t.Fatalf("got %v: %s", r, log)
	}
	if got := tenantsOf(t, server); !slices.Equal(got["good"], []string{"2", "4"}) || !slices.Equal(got["bad"], []string{"1", "3"}) {
		t.Fatalf("got %v", got)
	}
	failing, server.pushes, server.heads = false, nil, nil
	if r := o.Flush(t.Context(), "", data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	if got := tenantsOf(t, server); len(got) != 1 || !slices.Equal(got["bad"], []string{"1", "3"}) {
		t.Errorf("the retry sent %v", got)
	}
}

// A tenant that Loki would refuse for ever does not hold up the others.
func TestTenantThatIsNone(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "tenant_id_key=t", "tenant_id=other")
	data := chunkOf(`{"t":"a/b","n":1}`, `{"t":"ok","n":2}`, `{"t":"..","n":3}`, fmt.Sprintf(`{"t":"%s","n":4}`, strings.Repeat("x", 151)), `{"n":5}`)
	if r := o.Flush(t.Context(), "", data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	got := tenantsOf(t, server)
	if len(got) != 2 || !slices.Equal(got["ok"], []string{"2"}) || !slices.Equal(got["other"], []string{"5"}) {
		t.Errorf("got %v", got)
	}
	if o.report.rejected.Total() != 3 || !strings.Contains(log.String(), "bad_tenant") {
		t.Errorf("%d rejected: %s", o.report.rejected.Total(), log)
	}
}
