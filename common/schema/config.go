package schema

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tidegate/tidegate/common/options"
)

// Formats of values that a registry's serializers write, as an engine's option
// names them.
const (
	FormatAvro = "avro"
	FormatJSON = "json_schema"
)

// Config is what an operator says about the registry.
type Config struct {
	// Format is FormatAvro, FormatJSON, or another of the engine's that needs
	// no registry. The engine sets it before Validate; it is no option of this
	// table.
	Format string

	urls         endpoints
	user         string
	password     string
	passwordFile string
	caFile       string
	certFile     string
	keyFile      string
	timeout      time.Duration
	logicalTypes bool
}

const (
	minTimeout = 100 * time.Millisecond
	// defaultTimeout is above what a registry on another continent takes with
	// a new connection, and short enough for an input that must stop.
	defaultTimeout = 2 * time.Second
	maxTimeout     = 30 * time.Second
)

// NewConfig returns the defaults.
func NewConfig() *Config {
	return &Config{timeout: defaultTimeout, logicalTypes: true}
}

// Options returns the rows for an engine's table.
func (c *Config) Options() options.Table {
	return options.Table{{
		Name:  "schema_registry_url",
		Value: endpointsValue(&c.urls),
		Help: "Where the Confluent schema registry answers, for format avro. Of several, the next is asked when one does not answer. " +
			"A registry of the same interface at a path is named with it.",
		Example: "https://registry-1:8081,https://registry-2:8081",
	}, {
		Name:    "schema_registry_user",
		Value:   options.Text(&c.user),
		Help:    "User for the registry's basic authentication; in Confluent Cloud, the API key.",
		Example: "tidegate",
	}, {
		Name:    "schema_registry_password",
		Value:   options.Text(&c.password),
		Secret:  true,
		Help:    "Password of schema_registry_user; in Confluent Cloud, the API secret.",
		Example: "${REGISTRY_PASSWORD}",
	}, {
		Name:    "schema_registry_password_file",
		Value:   options.Text(&c.passwordFile),
		Help:    "A file that holds the password, instead of schema_registry_password. It is read for every request: a new password needs no restart.",
		Example: "/etc/tidegate/registry-password",
	}, {
		Name:    "schema_registry_tls_ca_file",
		Value:   options.Text(&c.caFile),
		Help:    "The certificates, in PEM, of the authorities that the registry's certificate may come from. Unset, the system's are taken.",
		Example: "/etc/tidegate/registry-ca.pem",
	}, {
		Name:    "schema_registry_tls_cert_file",
		Value:   options.Text(&c.certFile),
		Help:    "A certificate in PEM to show to the registry, with schema_registry_tls_key_file.",
		Example: "/etc/tidegate/client.pem",
	}, {
		Name:    "schema_registry_tls_key_file",
		Value:   options.Text(&c.keyFile),
		Help:    "The key in PEM of schema_registry_tls_cert_file.",
		Example: "/etc/tidegate/client.key",
	}, {
		Name:  "schema_registry_timeout",
		Value: options.Duration(&c.timeout, minTimeout, maxTimeout),
		Help: "How long finding out one schema may take. The input reads nothing meanwhile; once that failed, it goes on with schemas that " +
			"it knows, and asks again after half a second, then ever more rarely, at last every 30 seconds.",
		Example: "2s",
	}, {
		Name:  "avro_logical_types",
		Value: options.Bool(&c.logicalTypes),
		Help: "on: dates, times and timestamps become text as in RFC 3339 (2026-11-20T10:00:00.123Z), decimals text with all their digits. " +
			"off: they stay the numbers and bytes that Avro writes.",
		Example: "off",
	}}
}

// Validate reports what a single option cannot see, all at once.
func (c *Config) Validate() error {
	if c.Format != FormatAvro && c.Format != FormatJSON {
		return c.unused()
	}
	errs := []error{c.urls.err, c.checkUser(), c.checkTLS()}
	if c.Format == FormatAvro && c.urls.list == nil && c.urls.err == nil {
		errs = append(errs, errors.New(`schema_registry_url is required with format avro, such as "http://registry:8081"`))
	}
	return errors.Join(errs...)
}

// unused refuses a registry that would never be asked: who names one expects
// its schemas to be used.
func (c *Config) unused() error {
	if c.urls.list == nil && c.urls.err == nil {
		return nil
	}
	return fmt.Errorf("schema_registry_url has no use with format %s: set format %s or %s", c.Format, FormatAvro, FormatJSON)
}

func (c *Config) checkUser() error {
	switch {
	case c.password != "" && c.passwordFile != "":
		return errors.New("schema_registry_password and schema_registry_password_file are both set: set one of them")
	case c.user == "" && (c.password != "" || c.passwordFile != ""):
		return errors.New("schema_registry_user is required with a password")
	case c.user != "" && c.password == "" && c.passwordFile == "":
		return errors.New("schema_registry_password or schema_registry_password_file is required with schema_registry_user")
	case c.passwordFile != "":
		return checkSecretFile("schema_registry_password_file", c.passwordFile)
	}
	return nil
}

func (c *Config) checkTLS() error {
	if c.caFile == "" && c.certFile == "" && c.keyFile == "" {
		return nil
	}
	if !c.urls.https() {
		return errors.New("schema_registry_tls_* has no use without a schema_registry_url that starts with https://")
	}
	return errors.Join(c.checkAuthority(), c.checkKeyPair())
}

func (c *Config) checkAuthority() error {
	if c.caFile == "" {
		return nil
	}
	pem, err := os.ReadFile(c.caFile)
	if err != nil {
		return fmt.Errorf("schema_registry_tls_ca_file: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return fmt.Errorf("schema_registry_tls_ca_file %q must hold a certificate in PEM", c.caFile)
	}
	return nil
}

func (c *Config) checkKeyPair() error {
	if (c.certFile == "") != (c.keyFile == "") {
		return errors.New("schema_registry_tls_cert_file and schema_registry_tls_key_file are one pair: set both")
	}
	if c.certFile == "" {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(c.certFile, c.keyFile); err != nil {
		return fmt.Errorf("schema_registry_tls_cert_file and schema_registry_tls_key_file: %s", strings.TrimPrefix(err.Error(), "tls: "))
	}
	return nil
}
