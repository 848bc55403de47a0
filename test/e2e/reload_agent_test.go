package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// How often an agent is reloaded: in every test run, and with TIDEGATE_SOAK.
const (
	reloads     = 6
	reloadsSoak = 40
)

// An agent that is reloaded under load, by a signal and over HTTP in turns, holds no more
// than before, and every record is where it belongs.
func TestReloadUnderLoad(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	times := reloads
	if os.Getenv("TIDEGATE_SOAK") != "" {
		times = reloadsSoak
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has no hot reload")
		}
		for _, workers := range []int{0, 2} {
			t.Run(fmt.Sprintf("workers-%d", workers), func(t *testing.T) {
				r := startReloading(t, host, k, l, workers)
				series := r.reload(t, times)
				count := r.flow.total(t)
				r.check(t, client, count)
				stop(t, r.Host)
				checkSteady(t, series)
			})
		}
	})
}

// reload reloads the agent so many times, and gives what it held after each.
func (r *reloading) reload(t *testing.T, times int) (series []usage) {
	t.Helper()
	for n := range times {
		if n%2 == 0 {
			r.signal(t, syscall.SIGHUP)
		} else {
			r.post(t)
		}
		r.waitReload(t, n+1)
		series = append(series, r.usage(t))
		t.Logf("reload %d: %s", n+1, series[n])
	}
	return series
}

// reloading is an agent with three pipelines: files to Loki, files to Kafka, and Kafka to
// Loki.
type reloading struct {
	agent
	flow *flow
	loki *harness.Loki
	job  string // also the topic that is read
	http int    // port
}

func startReloading(t *testing.T, host harness.HostBinary, k *harness.Kafka, l *harness.Loki, workers int) *reloading {
	t.Helper()
	r := &reloading{loki: l, job: uniqueName(t), http: harness.FreePort(t)}
	k.CreateTopic(t, r.job, 3)
	k.CreateTopic(t, r.job+"-files", 3)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	r.flow = startFlow(t, k, r.job, file("loki.log"), file("kafka.log"))
	r.agent = startAgent(t, host, harness.HostConfig{
		Service: map[string]string{
			"hot_reload": "on", "http_server": "on", "http_listen": "127.0.0.1", "http_port": fmt.Sprint(r.http),
		},
		Pipeline: strings.NewReplacer("{dir}", dir, "{job}", r.job, "{brokers}", k.Brokers(), "{loki}", l.URL, "{workers}", fmt.Sprint(workers)).Replace(`
[INPUT]
    Name              tail
    Tag               to.loki
    Path              {dir}/loki.log
    DB                {dir}/loki.db
    Read_From_Head    on
    Refresh_Interval  1
[INPUT]
    Name              tail
    Tag               to.kafka
    Path              {dir}/kafka.log
    DB                {dir}/kafka.db
    Read_From_Head    on
    Refresh_Interval  1
[INPUT]
    Name              tidegate_kafka
    Tag               from.kafka
    brokers           {brokers}
    topics            {job}
    group_id          {job}
    format            raw
    ack_from          store
[OUTPUT]
    Name              tidegate_loki
    Match             to.loki
    url               {loki}
    labels            job={job}-files
    Workers           {workers}
    Retry_Limit       no_limits
[OUTPUT]
    Name              tidegate_kafka
    Match             to.kafka
    brokers           {brokers}
    topic             {job}-files
    format            raw
    raw_log_key       log
    Workers           {workers}
    Retry_Limit       no_limits
[OUTPUT]
    Name              tidegate_loki
    Alias             store
    Match             from.kafka
    url               {loki}
    labels            job={job}-kafka
    Workers           {workers}
    Retry_Limit       no_limits
`)})
	r.waitReload(t, 0)
	return r
}

// post asks for a reload over HTTP.
func (r *reloading) post(t *testing.T) {
	t.Helper()
	url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/reload", r.http)
	harness.Eventually(t, 10*time.Second, "asking for a reload", func() error {
		answer, err := http.Post(url, "application/json", strings.NewReader("{}"))
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("answered %s", answer.Status)
		}
		return nil
	})
}

// waitReload returns when the agent has been reloaded so many times, and reads from Kafka
// again.
func (r *reloading) waitReload(t *testing.T, times int) {
	t.Helper()
	harness.Eventually(t, time.Minute, "a reload", func() error {
		log := r.Log()
		done, assigned := strings.Count(log, "successful reload done"), strings.Count(log, "partitions assigned")
		if done >= times && assigned > times {
			return nil
		}
		err := fmt.Errorf("%d of %d are done, and partitions were assigned %d times", done, times, assigned)
		if r.Exited() {
			return harness.Hopeless{Err: fmt.Errorf("%w, and the agent has ended", err)}
		}
		return err
	})
}

// check looks for every number at each of the three destinations.
func (r *reloading) check(t *testing.T, client *harness.Kcat, count int) {
	t.Helper()
	from := time.Now().Add(-time.Hour)
	lines := func(job string) []string {
		entries, err := r.loki.Lines(fmt.Sprintf("{job=%q}", job), from, time.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		records := make([]string, len(entries))
		for i, e := range entries {
			records[i] = e.Line
		}
		return records
	}
	for name, read := range map[string]func() []string{
		"files to Loki":  func() []string { return lines(r.job + "-files") },
		"files to Kafka": func() []string { return client.Consume(t, r.job+"-files", "%s\n") },
		"Kafka to Loki":  func() []string { return lines(r.job + "-kafka") },
	} {
		t.Run(name, func(t *testing.T) { r.settled(t, count, read).atLeastOnce(t) })
	}
}

// settled reads until no number is missing, or until no more come.
func (r *reloading) settled(t *testing.T, count int, read func() []string) (got numbers) {
	t.Helper()
	const rest = 5 * time.Second
	missing, since := count, time.Now()
	for {
		got = numbersOfFlow(t, count, read())
		if n := got.missing(); n < missing {
			missing, since = n, time.Now()
		}
		if missing == 0 || time.Since(since) > rest {
			return got
		}
		<-time.After(200 * time.Millisecond)
	}
}
