// Package limits_test holds the limits of tidegate_loki against those of real servers.
package limits_test

import (
	"maps"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// The tests of limits that only a real Loki can answer belong to the output's package and
// skip where they are not told a server. They get four: one with the default limits but
// for its rate, one with little rate, window and age, one that makes few streams, and one
// that makes many.
func TestLimitsOnRealLoki(t *testing.T) {
	t.Parallel()
	open := map[string]any{"ingestion_rate_mb": 1000, "ingestion_burst_size_mb": 1000}
	start := func(more map[string]any, chunkAge string) string {
		limits := maps.Clone(open)
		maps.Copy(limits, more)
		return harness.StartLoki(t, harness.LokiOptions{Limits: limits, MaxChunkAge: chunkAge}).URL
	}
	tests := harness.BuildPackageTests(t, "plugins/out_loki", "^TestReal")
	text, err := tests.Run(t.Context(), map[string]string{
		"LOKI": start(map[string]any{"per_stream_rate_limit": "1GB", "per_stream_rate_limit_burst": "1GB"}, ""),
		"LOKI_SMALL": start(map[string]any{
			"per_stream_rate_limit": "64KB", "per_stream_rate_limit_burst": "128KB", "reject_old_samples_max_age": "24h",
		}, "20m"),
		"LOKI_FEW":  start(map[string]any{"max_global_streams_per_user": 5}, ""),
		"LOKI_MANY": start(map[string]any{"max_global_streams_per_user": 50_000}, ""),
	})
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
