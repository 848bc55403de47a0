package options

import (
	"slices"
	"strings"
)

// reserved are the properties that Fluent Bit 5.1.1 takes out of an
// instance's options before a plugin can see them (flb_input_set_property and
// flb_output_set_property).
var reserved = []string{
	"active", "alias", "condition", "host", "ipv6", "listen", "log_level",
	"log_suppress_interval", "match", "match_regex", "mem_buf_limit", "name",
	"no_multiplex", "port", "processors", "retry_limit", "routable", "route",
	"tag", "threaded", "tls", "workers",
}

// reservedPrefixes are families of such properties.
var reservedPrefixes = []string{"net.", "oauth2", "storage.", "thread.", "tls.", "_debug."}

// Reserved reports whether the host keeps an option of that name for itself,
// so that a plugin would never see it.
func Reserved(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(reserved, name) ||
		slices.ContainsFunc(reservedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
