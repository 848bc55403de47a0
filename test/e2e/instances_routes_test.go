package e2e_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// instancesLoad is how many records each source has.
const instancesLoad = 2000

// Three instances of each plugin in one agent, each with options of its own, beside the
// built-in plugins of the same kind where there are some: each record is where its instance
// says, once, and nowhere else.
func TestInstances(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	l := harness.StartLoki(t, harness.LokiOptions{AuthEnabled: true, Limits: openLimits})
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		r := newRoutes(t, k, client, l)
		pipeline, expected := instancesPipeline, routesOfOurs
		if host.FluentBit {
			pipeline, expected = pipeline+builtInInstances, append(routesOfBuiltIns, expected...)
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: r.fill(pipeline)})
		r.check(t, h, expected)
		r.checkLog(t, h)
		stop(t, h)
		for _, in := range instancesInputs {
			checkCommitted(t, k, r.job+"-"+in.group, r.job+"-"+in.topic)
		}
	})
}

// routes are the sources and destinations of one agent. A source writes its name in each of
// its records.
type routes struct {
	job     string
	dir     string
	kafka   *harness.Kafka
	client  *harness.Kcat
	loki    *harness.Loki
	logtide [3]*logtide.Server
}

func newRoutes(t *testing.T, k *harness.Kafka, client *harness.Kcat, l *harness.Loki) *routes {
	t.Helper()
	r := &routes{job: uniqueName(t), kafka: k, client: client, loki: l}
	for i := range r.logtide {
		r.logtide[i] = logtide.Start(t)
		r.logtide[i].SetKey(fmt.Sprintf("lp_%d", i))
	}
	for _, topic := range []string{"a", "b", "c", "out1", "out2", "out3", "out4"} {
		k.CreateTopic(t, r.job+"-"+topic, 2)
	}
	for _, topic := range []string{"a", "b", "c"} {
		client.Produce(t, r.job+"-"+topic, routeLines("topic "+topic))
	}
	for _, name := range []string{"x", "y"} {
		log := newRotatedLog(t, name+".log")
		if r.dir != "" {
			log.dir = r.dir
		}
		r.dir = log.dir
		log.append(t, strings.Split(strings.TrimSuffix(routeLines("file "+name), "\n"), "\n"))
	}
	return r
}

// routeLines are the records of a source.
func routeLines(source string) string {
	var b strings.Builder
	for n := range instancesLoad {
		fmt.Fprintf(&b, "from %s number %d\n", source, n)
	}
	return b.String()
}

var routeLine = regexp.MustCompile(`from ((?:topic|file) \w) number (\d+)`)

func (r *routes) fill(text string) string {
	host, port, _ := strings.Cut(strings.TrimPrefix(r.loki.URL, "http://"), ":")
	return strings.NewReplacer(
		"{job}", r.job, "{dir}", filepath.Clean(r.dir), "{brokers}", r.kafka.Brokers(), "{loki}", r.loki.URL,
		"{loki_host}", host, "{loki_port}", port,
		"{logtide0}", r.logtide[0].URL, "{logtide1}", r.logtide[1].URL, "{logtide2}", r.logtide[2].URL,
	).Replace(text)
}

// route is a destination and the source whose records it is to have.
type route struct {
	name   string
	source string
	read   func(t *testing.T, r *routes) []string
}

// check waits for every destination to have as many records as its source, and then demands
// that they are those.
func (r *routes) check(t *testing.T, h *harness.Host, all []route) {
	t.Helper()
	for _, d := range all {
		harness.Eventually(t, time.Minute, d.name, func() error {
			if n := len(d.read(t, r)); n < instancesLoad {
				err := fmt.Errorf("%d of %d records are there", n, instancesLoad)
				if h.Exited() {
					err = harness.Hopeless{Err: fmt.Errorf("%w, and the host has ended", err)}
				}
				return err
			}
			return nil
		})
	}
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			got := make(numbers, instancesLoad)
			for _, record := range d.read(t, r) {
				found := routeLine.FindStringSubmatch(record)
				if found == nil || found[1] != d.source {
					t.Fatalf("unexpected record %q: %s belongs here", record, d.source)
				}
				n, err := strconv.Atoi(found[2])
				if err != nil || n >= len(got) {
					t.Fatalf("no number of this load in %q", record)
				}
				got[n]++
			}
			got.once(t)
		})
	}
}
