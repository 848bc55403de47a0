package harness

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
)

// LokiOptions says what server a test wants. The zero value is a single tenant and
// Loki's default limits.
type LokiOptions struct {
	AuthEnabled bool           // tenants by X-Scope-OrgID
	Limits      map[string]any // overrides of limits_config
	Port        int            // for HTTP; 0 picks a free one
	MaxChunkAge string         // twice the out-of-order window; Loki's own is 2h
	GCPercent   int            // its GOGC; it keeps all that it got in memory, and 100 doubles that
	FlushPeriod string         // after which it puts full chunks on the disk; Loki's own is 30s
}

// object is a mapping of Loki's configuration, which is YAML; JSON is YAML.
type object map[string]any

// lokiConfig describes a server that keeps everything below dir.
func lokiConfig(dir string, httpPort, grpcPort int, o LokiOptions) ([]byte, error) {
	limits := object{
		"max_entries_limit_per_query": 200_000, // Lines must be able to page over one crowded instant
		"allow_structured_metadata":   true,
	}
	maps.Copy(limits, o.Limits)
	if o.MaxChunkAge == "" {
		o.MaxChunkAge = "2h"
	}
	if o.FlushPeriod == "" {
		o.FlushPeriod = "30s"
	}
	return json.MarshalIndent(object{
		"target":       "all",
		"auth_enabled": o.AuthEnabled,
		"server": object{
			"http_listen_address": "127.0.0.1", "http_listen_port": httpPort,
			"grpc_listen_address": "127.0.0.1", "grpc_listen_port": grpcPort,
			"log_level": "info",
		},
		"common": object{
			"instance_addr":      "127.0.0.1",
			"path_prefix":        dir,
			"replication_factor": 1,
			"ring":               object{"instance_addr": "127.0.0.1", "kvstore": object{"store": "inmemory"}},
			"storage": object{"filesystem": object{
				"chunks_directory": filepath.Join(dir, "chunks"),
				"rules_directory":  filepath.Join(dir, "rules"),
			}},
		},
		// At five seconds a busy machine answers a large push with an error and stores it.
		"ingester_client": object{"remote_timeout": "60s"},
		"ingester": object{
			"lifecycler": object{
				"min_ready_duration": "0s", // 15 s by default
				"final_sleep":        "0s",
			},
			// With all in one process it is the ingester that is asked for the newest entries, by
			// default for those of three hours, and the store for the rest. Entries of yesterday
			// that were pushed a moment ago would be nowhere.
			"query_store_max_look_back_period": "-1ns",
			// A chunk that has left the memory was seen to be missing from answers for ten
			// minutes and to come back: a test that reads meanwhile would call it lost.
			"chunk_retain_period": "2h",
			"max_chunk_age":       o.MaxChunkAge,
			"flush_check_period":  o.FlushPeriod,
		},
		// Without this address the queriers find the frontend through a ring, which takes 10 s.
		"frontend_worker": object{"frontend_address": fmt.Sprintf("127.0.0.1:%d", grpcPort)},
		// A count is asked for until it is right: an answer from a cache would be yesterday's.
		"query_range": object{"cache_results": false},
		"schema_config": object{"configs": []object{{
			"from": "2024-01-01", "store": "tsdb", "object_store": "filesystem", "schema": "v13",
			"index": object{"prefix": "index_", "period": "24h"},
		}}},
		"limits_config": limits,
		// What SetLimits writes. The default is a look every ten seconds.
		"runtime_config": object{"file": filepath.Join(dir, tenantLimitsFile), "period": "200ms"},
		// An empty list shows all of them to those who ask what holds; by default it is a few.
		"tenant_limits_allow_publish": []string{},
		"analytics":                   object{"reporting_enabled": false},
	}, "", "  ")
}
