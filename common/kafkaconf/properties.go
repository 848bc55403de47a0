// Package kafkaconf reads what Kafka plugins pass through to librdkafka: the
// options rdkafka.NAME, for every NAME that this librdkafka knows. It holds
// them against each other where security is at stake, and words what the client
// reports for operators.
//
// The host lets a plugin ask for an option by its name, but not list them.
// So each known name is an option of its own; the host then refuses the others
// by itself, and librdkafka judges the values.
package kafkaconf

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// Prefix starts the name of every option that is passed through.
const Prefix = "rdkafka."

// Client is the kind of client that properties are for.
type Client int

// The two kinds.
const (
	Consumer Client = iota
	Producer
)

// Properties are librdkafka's properties that an operator gave.
type Properties struct {
	known  []rdkafka.Property
	values []string // of known, "" for unset
	files  []secretFile
	oauth  oauth
	owned  map[string]string
}

// NewProperties returns an empty set. owned are the names that the plugin sets
// itself, with the reason why an operator cannot: `is set by brokers`.
func NewProperties(client Client, owned map[string]string) Properties {
	p := Properties{owned: owned, files: newSecretFiles()}
	for _, known := range rdkafka.Properties() {
		if (client == Consumer && known.Consumer || client == Producer && known.Producer) && isText(known.Name) {
			p.known = append(p.known, known)
		}
	}
	p.values = make([]string, len(p.known))
	return p
}

// isText reports whether a property is set by text: callbacks and opaque
// pointers are code.
func isText(name string) bool {
	return !strings.HasSuffix(name, "_cb") && name != "opaque" && name != "default_topic_conf"
}

// Options returns the options that name files of secrets, those of tokens, and
// one per known property.
func (p *Properties) Options() options.Table {
	table := make(options.Table, 0, len(p.files)+len(p.known))
	for i := range p.files {
		table = append(table, p.files[i].row())
	}
	table = append(table, p.oauth.options()...)
	for i, known := range p.known {
		table = append(table, options.Option{
			Name:   Prefix + known.Name,
			Value:  property{options.Text(&p.values[i]), known},
			Secret: secret(known.Name),
			Help:   "librdkafka's " + known.Name + ".",
		})
	}
	return table
}

// index returns where a property is among the known ones, or -1.
func (p *Properties) index(name string) int {
	return slices.IndexFunc(p.known, func(k rdkafka.Property) bool { return k.Name == name })
}

// property is a Value that documents itself with librdkafka's own default.
type property struct {
	options.Value
	known rdkafka.Property
}

// Kind names the values that librdkafka takes, where it lists them.
func (p property) Kind() string {
	if p.known.Values != "" {
		return p.known.Values
	}
	return p.Value.Kind()
}

// secret reports whether a property's value must never be printed.
func secret(name string) bool {
	return strings.Contains(name, "password") || strings.Contains(name, "secret") ||
		name == "ssl.key.pem" || name == "sasl.oauthbearer.config" || strings.Contains(name, "private.key.passphrase") ||
		name == "sasl.oauthbearer.assertion.private.key.pem"
}

// All yields the properties that were given, after Validate also those that a
// file holds.
func (p *Properties) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, known := range p.known {
			if p.values[i] != "" && !yield(known.Name, p.values[i]) {
				return
			}
		}
	}
}

// Validate reads the files of secrets and asks librdkafka about each property
// alone, so that every wrong value is reported and not only the first.
func (p *Properties) Validate() error {
	errs := []error{p.readFiles()}
	for i, known := range p.known {
		if p.values[i] == "" {
			continue
		}
		if why, ok := p.owned[known.Name]; ok {
			errs = append(errs, fmt.Errorf("%s%s %s", Prefix, known.Name, why))
			continue
		}
		if err := rdkafka.CheckProperty(known.Name, p.values[i]); err != nil {
			if secret(known.Name) {
				err = errors.New("is not a value that librdkafka takes")
			}
			errs = append(errs, fmt.Errorf("%s%s: %w", Prefix, known.Name, err))
		}
	}
	return errors.Join(append(errs, p.checkSecurity())...)
}
