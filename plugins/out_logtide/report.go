package outlogtide

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
	// delivered counts records stored, rejected those given up.
	delivered atomic.Int64
	rejected  [numReasons]atomic.Int64
	// requests counts requests by what they came to, sentBytes their bodies.
	requests  [numAnswers]atomic.Int64
	sentBytes atomic.Int64
	// retried counts flushes that were answered with RETRY, resumed those that
	// went on where an earlier one had to wait.
	retried atomic.Int64
	resumed atomic.Int64
}

// reporter counts and logs. It is safe for concurrent use.
type reporter struct {
	log      *slog.Logger
	counters counters
	// One throttle for each kind of line.
	rejects [numReasons]throttle.Line
	retries [numAnswers]throttle.Line
}

// commit takes over what a flush settled.
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
	if ex.text != "" {
		attrs = append(attrs, slog.String("text", httpsend.Clip(ex.text)))
	}
	r.log.Error("records rejected", attrs...)
}

// retry tells why a chunk has to wait.
func (r *reporter) retry(now time.Time, a answer, rep httpsend.Reply, sent int) {
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
	if rep.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", rep.RetryAfter))
	}
	switch a {
	case misconfigured:
		r.log.Error("logtide refuses this output, chunks wait until that changes", append(attrs, slog.String("check", check(rep.Status)))...)
	case miscounted:
		r.log.Error("logtide did not confirm all logs of a request, chunks wait and may arrive twice",
			append(attrs, slog.Int("sent", sent), slog.String("check", "whether url is LogTide's own and ends in "+ingestPath))...)
	case quota:
		r.log.Error("the quota of this logtide project is used up, chunks wait until it is not", append(attrs, slog.String("check", "the plan and its limits"))...)
	case limited:
		r.log.Warn("logtide takes no more at the moment, chunks wait", attrs...)
	default:
		r.log.Warn("request failed, chunks wait", attrs...)
	}
}

// check says what an operator should look at for a status.
func check(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "api_key or api_key_file: the key is wrong, or was revoked"
	case status == http.StatusForbidden:
		return "whether this key may write logs"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return "the path of url: logtide's own is " + ingestPath
	case status >= 300 && status < 400:
		return "url: the server redirects, and requests follow no redirects"
	case status == http.StatusBadRequest:
		return "url: the answer is not logtide's; whether it must start with https"
	default:
		return "url, and what stands between this agent and logtide"
	}
}

// close logs what was kept back, and the sums.
func (r *reporter) close() {
	for why := range r.rejects {
		if n := r.rejects[why].Rest(); n > 0 {
			r.logRejects(reason(why), n, example{})
		}
	}
	rejected := int64(0)
	for i := range r.counters.rejected {
		rejected += r.counters.rejected[i].Load()
	}
	r.log.Info("stopped", slog.Int64("delivered", r.counters.delivered.Load()), slog.Int64("rejected", rejected))
}
