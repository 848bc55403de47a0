package schema

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

// parse reads a configuration as the core does.
func parse(format string, pairs ...string) (*Config, error) {
	given := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		given[pairs[i]] = pairs[i+1]
	}
	c := NewConfig()
	c.Format = format
	err := c.Options().Parse(func(name string) (string, bool) {
		text, ok := given[name]
		return text, ok
	})
	return c, errors.Join(err, c.Validate())
}

func TestConfigTakes(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "schema_registry_url"
	for _, pairs := range [][]string{
		{FormatJSON},
		{FormatJSON, url, "http://r:8081"},
		{FormatAvro, url, "http://r:8081"},
		{FormatAvro, url, "https://r/apis/ccompat/v7, https://[::1]:8081"},
		{FormatAvro, url, "http://r", "schema_registry_user", "u", "schema_registry_password", "hunter2"},
		{FormatAvro, url, "http://r", "schema_registry_user", "u", "schema_registry_password_file", secret},
		{"json"},
		{"raw", "schema_registry_timeout", "5s"},
	} {
		c, err := parse(pairs[0], pairs[1:]...)
		if err != nil {
			t.Errorf("%v: %v", pairs, err)
		}
		if line := c.Options().Effective(); strings.Contains(line, "hunter2") {
			t.Errorf("%v: the password is in %s", pairs, line)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, two, long := file("empty", "\n"), file("two", "a\nhunter2"), file("long", strings.Repeat("x", maxSecret+1))
	url, user, password, passwordFile := "schema_registry_url", "schema_registry_user", "schema_registry_password", "schema_registry_password_file"
	ca, cert, key := "schema_registry_tls_ca_file", "schema_registry_tls_cert_file", "schema_registry_tls_key_file"
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{[]string{FormatAvro}, `schema_registry_url is required with format avro, such as "http://registry:8081"`},
		{[]string{FormatAvro, url, "registry:8081"}, `must start with http:// or https://`},
		{[]string{FormatAvro, url, "mock://x"}, `must start with http:// or https://`},
		{[]string{FormatAvro, url, "http://"}, `must name a host`},
		{[]string{FormatAvro, url, "http://r?x=1"}, `must end with its path`},
		{[]string{FormatAvro, url, "http://r,"}, `must start with http:// or https://`},
		{[]string{FormatAvro, url, "http://u:hunter2@r"}, `must not hold a user: set schema_registry_user`},
		{[]string{FormatAvro, url, "http://u:hunter2%@r"}, `must be a URL such as http://registry:8081`},
		{[]string{FormatAvro, url, "http://r", user, "u"}, `schema_registry_password or schema_registry_password_file is required`},
		{[]string{FormatAvro, url, "http://r", password, "hunter2"}, `schema_registry_user is required`},
		{[]string{FormatAvro, url, "http://r", user, "u", password, "hunter2", passwordFile, two}, `are both set`},
		{[]string{FormatAvro, url, "http://r", user, "u", passwordFile, dir + "/missing"}, `schema_registry_password_file: open`},
		{[]string{FormatAvro, url, "http://r", user, "u", passwordFile, empty}, `is empty`},
		{[]string{FormatAvro, url, "http://r", user, "u", passwordFile, two}, `must have one line`},
		{[]string{FormatAvro, url, "http://r", user, "u", passwordFile, long}, `must have at most 4096 bytes`},
		{[]string{FormatAvro, url, "http://r", ca, empty}, `schema_registry_tls_* has no use without a schema_registry_url that starts with https://`},
		{[]string{FormatAvro, url, "https://r", ca, empty}, `must hold a certificate in PEM`},
		{[]string{FormatAvro, url, "https://r", ca, dir + "/missing"}, `schema_registry_tls_ca_file: open`},
		{[]string{FormatAvro, url, "https://r", cert, empty}, `are one pair: set both`},
		{[]string{FormatAvro, url, "https://r", cert, empty, key, empty}, `schema_registry_tls_cert_file and schema_registry_tls_key_file: `},
		{[]string{FormatAvro, url, "http://r", "schema_registry_timeout", "1h"}, `must be a duration from 100ms to 30s`},
		{[]string{"json", url, "http://r"}, `schema_registry_url has no use with format json: set format avro or json_schema`},
	} {
		_, err := parse(c.pairs[0], c.pairs[1:]...)
		line := options.Problems(err)
		if !strings.Contains(line, c.want) || strings.Contains(line, "hunter2") {
			t.Errorf("%v: %q does not say %q", c.pairs, line, c.want)
		}
	}
}

// TestOptionNames refuses a name that the host keeps for itself, and a row
// that an operator could not use.
func TestOptionNames(t *testing.T) {
	for _, o := range NewConfig().Options() {
		if options.Reserved(o.Name) {
			t.Errorf("%s: the host keeps that name", o.Name)
		}
		if o.Help == "" || o.Example == "" {
			t.Errorf("%s: no help or example", o.Name)
		}
	}
}
