package outloki

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/throttle"
)

// reporter counts and logs. It is safe for concurrent use.
type reporter struct {
	log    *slog.Logger
	counts metric.Output
	pushes metric.Requests
	// resumed counts flushes that went on where an earlier one had to wait.
	resumed  prometheus.Counter
	rejected *reasons.Book[reason]
	retries  [numAnswers]throttle.Line
}

func newReporter(host plugin.Host) *reporter {
	const prefix = "tidegate_loki"
	return &reporter{
		log:      host.Log,
		counts:   metric.NewOutput(host.Metrics, prefix),
		pushes:   metric.NewRequests(host.Metrics, prefix, answerNames[:]),
		resumed:  metric.NewResumed(host.Metrics, prefix),
		rejected: reasons.NewRejected(prefix, numReasons, nil, host.Log, host.Metrics),
	}
}

// settled is what one flush settled. It is entered at the end of the flush,
// also where the chunk has to wait: what is settled is not done again.
type settled struct {
	delivered int64
	rejected  reasons.Sums[reason]
}

// unfit rejects a record that makes no entry.
func (s *settled) unfit(err error, broken bool) {
	why := unencodable
	switch {
	case broken:
		why = malformed
	case errors.Is(err, errBadTenant):
		why = badTenant
	}
	s.rejected.Add(why, 1, reasons.Example{Text: err.Error()})
}

// enter takes over what a flush settled.
func (r *reporter) enter(now time.Time, s *settled) {
	r.counts.Delivered.Add(float64(s.delivered))
	r.rejected.Enter(now, &s.rejected)
}

// retry tells why a chunk has to wait.
func (r *reporter) retry(now time.Time, a answer, rep httpsend.Reply) {
	r.counts.Retried.Inc()
	chunks, due := r.retries[a].Add(now, 1)
	if !due {
		return
	}
	attrs := append([]any{slog.Int64("chunks", chunks)}, rep.Attrs()...)
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

// close logs what was kept back, and the sums.
func (r *reporter) close() {
	r.rejected.Close()
	r.log.Info("stopped", slog.Int64("delivered", metric.Sum(r.counts.Delivered)), slog.Int64("rejected", r.rejected.Total()))
}
