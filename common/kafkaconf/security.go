package kafkaconf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mechanisms are what the bundled librdkafka can do, in its spelling.
var mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"}

// checkSecurity holds against each other what librdkafka would ignore, or
// refuse in words that name no option.
func (p *Properties) checkSecurity() error {
	protocol := strings.ToLower(p.value("security.protocol"))
	sasl := strings.HasPrefix(protocol, "sasl_")
	tls := strings.HasSuffix(protocol, "ssl")
	var errs []error
	if sasl {
		errs = append(errs, p.checkMechanism(protocol))
	} else {
		errs = append(errs, p.tokensUnused())
		errs = append(errs, p.unused("sasl_ssl or sasl_plaintext", "sasl.mechanism", "sasl.mechanisms", "sasl.username"))
	}
	if tls {
		errs = append(errs, p.checkKeys())
	} else {
		errs = append(errs, p.unused("ssl or sasl_ssl", "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.keystore.location"))
	}
	return errors.Join(errs...)
}

// value returns what was given under the first of names that was, or "".
func (p *Properties) value(names ...string) string {
	for _, name := range names {
		if i := p.index(name); i >= 0 && p.values[i] != "" {
			return p.values[i]
		}
	}
	return ""
}

// unused refuses properties that a protocol leaves without effect: an operator
// who gave them means to be safe, and is not.
func (p *Properties) unused(protocols string, names ...string) error {
	var errs []error
	for _, name := range names {
		if p.value(name) != "" {
			errs = append(errs, fmt.Errorf("%s%s has no use without %ssecurity.protocol %s", Prefix, name, Prefix, protocols))
		}
	}
	return errors.Join(errs...)
}

// tokensUnused refuses the options of tokens where none is shown.
func (p *Properties) tokensUnused() error {
	var errs []error
	for _, name := range p.oauth.given() {
		errs = append(errs, fmt.Errorf("%s has no use without %ssasl.mechanism OAUTHBEARER", name, Prefix))
	}
	return errors.Join(errs...)
}

func (p *Properties) checkMechanism(protocol string) error {
	mechanism := p.value("sasl.mechanism", "sasl.mechanisms")
	known := strings.Join(mechanisms, ", ")
	switch {
	case mechanism == "":
		return fmt.Errorf("%ssasl.mechanism is required with %ssecurity.protocol %s: one of %s", Prefix, Prefix, protocol, known)
	case mechanism == "GSSAPI":
		return fmt.Errorf("%ssasl.mechanism GSSAPI: Kerberos is not in the Kafka client of these plugins; set one of %s", Prefix, known)
	case strings.EqualFold(mechanism, "AWS_MSK_IAM"):
		return fmt.Errorf("%ssasl.mechanism %s: for Amazon MSK set OAUTHBEARER, and aws_region", Prefix, mechanism)
	case !slices.Contains(mechanisms, mechanism):
		return fmt.Errorf("%ssasl.mechanism %q must be one of %s", Prefix, mechanism, known)
	case mechanism == "OAUTHBEARER":
		return p.checkTokens()
	}
	errs := []error{p.tokensUnused()}
	if p.value("sasl.username") == "" {
		errs = append(errs, fmt.Errorf("%ssasl.username is required with %ssasl.mechanism %s", Prefix, Prefix, mechanism))
	}
	if p.value("sasl.password") == "" && !p.fromFile("sasl.password") {
		errs = append(errs, fmt.Errorf("sasl_password_file or %ssasl.password is required with %ssasl.mechanism %s", Prefix, Prefix, mechanism))
	}
	return errors.Join(errs...)
}
