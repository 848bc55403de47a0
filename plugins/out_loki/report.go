package outloki

import (
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/throttle"
)

// counters are what the output has done since it started.
type counters struct {
	// delivered counts records stored, rejected those given up, each once per
	// chunk that was answered for good.
	delivered atomic.Int64
	rejected  [numReasons]atomic.Int64
	// pushes counts requests by what they came to, sentBytes their bodies as
	// they went over the wire.
	pushes    [numAnswers]atomic.Int64
	sentBytes atomic.Int64
	// retried counts flushes that were answered with RETRY.
	retried atomic.Int64
}

// reporter counts and logs. It is safe for concurrent use.
type reporter struct {
	log      *slog.Logger
	counters counters
	// One throttle for each kind of line.
	rejects [numReasons]throttle.Line
	retries [numAnswers]throttle.Line
}

// commit takes over what a flush did that answers for good.
func (r *reporter) commit(now time.Time, t *tally) {
	r.counters.delivered.Add(t.delivered)
	for why := range t.rejected {
		rejected := &t.rejected[why]
		if rejected.records == 0 {
			continue
		}
		r.counters.rejected[why].Add(rejected.records)
		if sum, due := r.rejects[why].Add(now, rejected.records); due {
			r.logRejects(reason(why), sum, rejected.example)
		}
	}
}

func (r *reporter) logRejects(why reason, records int64, ex example) {
	attrs := []any{slog.String("reason", why.String()), slog.Int64("records", records)}
	if ex.status != 0 {
		attrs = append(attrs, slog.Int("status", ex.status))
	}
	if ex.labels != "" {
		attrs = append(attrs, slog.String("labels", httpsend.Clip(ex.labels)))
	}
	if ex.text != "" {
		attrs = append(attrs, slog.String("text", httpsend.Clip(ex.text)))
	}
	r.log.Error("records rejected", attrs...)
}

// retry tells why a chunk has to wait.
func (r *reporter) retry(now time.Time, a answer, rep httpsend.Reply) {
	r.counters.retried.Add(1)
	chunks, due := r.retries[a].Add(now, 1)
	if !due {
		return
	}
	attrs := []any{slog.Int64("chunks", chunks)}
	if rep.Status != 0 {
		attrs = append(attrs, slog.Int("status", rep.Status))
	}
	if rep.Err != nil {
		attrs = append(attrs, slog.String("error", rep.Err.Error()))
	} else if text := strings.TrimSpace(string(rep.Body)); text != "" {
		attrs = append(attrs, slog.String("text", httpsend.Clip(text)))
	}
	switch a {
	case misconfigured:
		r.log.Error("loki refuses this output, chunks wait until that changes", append(attrs, slog.String("check", check(rep.Status)))...)
	case limited, overBurst:
		if rep.RetryAfter > 0 {
			attrs = append(attrs, slog.Duration("retry_after", rep.RetryAfter))
		}
		r.log.Warn("loki takes no more at the moment, chunks wait", attrs...)
	default:
		r.log.Warn("push failed, chunks wait", attrs...)
	}
}

// check says what an operator should look at for a status.
func check(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "user and password in url, and tenant_id: a loki with multi-tenancy wants one"
	case status == http.StatusForbidden:
		return "whether this user may write for this tenant_id"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return "the path of url: loki's own is " + pushPath
	case status >= 300 && status < 400:
		return "url: the server redirects, and pushes follow no redirects"
	case status == http.StatusBadRequest:
		return "tenant_id, and whether url must start with https"
	default:
		return "url, and what stands between this agent and loki"
	}
}

// close logs what was kept back.
func (r *reporter) close() {
	for why := range r.rejects {
		if n := r.rejects[why].Rest(); n > 0 {
			r.logRejects(reason(why), n, example{})
		}
	}
}
