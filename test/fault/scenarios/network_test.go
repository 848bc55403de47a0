package scenarios_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// crawl is slow enough that a push takes longer than the outputs wait.
const crawl = 40_000 // bytes a second

// weather is a day of a bad network: what happens, and for how long it lasts.
var weather = []struct {
	change func(*harness.Proxy)
	lasts  time.Duration
}{
	{(*harness.Proxy).Drop, 500 * time.Millisecond},
	{(*harness.Proxy).Cut, 3500 * time.Millisecond}, // longer than one retry waits
	{(*harness.Proxy).Heal, 500 * time.Millisecond},
	{(*harness.Proxy).Stall, 3 * time.Second},
	{(*harness.Proxy).Heal, 500 * time.Millisecond},
	// The server has done what it was asked to, and nobody learns of it.
	{(*harness.Proxy).Mute, time.Second},
	{(*harness.Proxy).Cut, 300 * time.Millisecond},
	{(*harness.Proxy).Heal, 500 * time.Millisecond},
	{func(p *harness.Proxy) { p.Slow(crawl) }, 3 * time.Second},
	{(*harness.Proxy).Heal, 0},
}

// Files to Loki and to Kafka over a network that drops, refuses, holds back, loses answers
// and crawls: nothing is missing.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	days, rate := form(1, 30), 2000
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		proxies := k.Proxies()
		all := lanes(t, "bad network, files to Loki", host, func(l *lane, name string) {
			input := l.fromFile(t)
			p := harness.StartProxy(t, loki.Address())
			proxies = append(proxies, p)
			l.store = fault.InLoki(loki, name)
			l.config = l.plugins.Config(input, l.plugins.ToLoki(p.Address(), name))
		})
		all = append(all, lanes(t, "bad network, files to Kafka", host, func(l *lane, name string) {
			input := l.fromFile(t)
			k.CreateTopic(t, name, 3)
			l.store = fault.InKafka(k, name)
			l.config = l.plugins.Config(input, l.plugins.ToKafka(k.ProxiedBrokers(), name))
		})...)
		all = append(all, toLogTide(t, host, &proxies))
		var day time.Duration
		for _, w := range weather {
			day += w.lasts
		}
		for _, l := range all {
			l.start(t)
			l.send(t, int(day.Seconds())*days*rate, rate)
		}
		for range days {
			for _, w := range weather {
				for _, p := range proxies {
					w.change(p)
				}
				pass(t, w.lasts)
			}
		}
		judge(t, all)
		for i, p := range proxies {
			if p.Cuts() == 0 {
				t.Errorf("proxy %d had nothing to cut", i)
			}
		}
	})
}

// toLogTide is a lane that has no counterpart.
func toLogTide(t *testing.T, host harness.HostBinary, proxies *[]*harness.Proxy) *lane {
	t.Helper()
	l := &lane{scenario: "bad network, files to LogTide", plugins: fault.Ours, binary: host}
	server := logtide.Start(t)
	p := harness.StartProxy(t, strings.TrimPrefix(server.URL, "http://"))
	*proxies = append(*proxies, p)
	l.store = fault.InLogTide(server.Handler)
	l.config = l.plugins.Config(l.fromFile(t), fault.ToLogTide(p.Address(), logtide.DefaultKey))
	return l
}
