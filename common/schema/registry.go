package schema

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/rest"
	"github.com/prometheus/common/config"

	"github.com/tidegate/tidegate/common/avropack"
)

// Error codes of the registry's interface that speak of a schema: not found, or
// not an id, subject or version at all. A bare 404 is none of them: it comes
// from a path where no registry is.
const (
	codeNoSubject   = 40401
	codeNoVersion   = 40402
	codeNoSchema    = 40403
	codeBadRequest  = 400
	codeInvalid     = 422
	codesPerInvalid = 100 // 42202 is an invalid version
)

// registry asks one of several registries of the same content.
type registry struct {
	clients []schemaregistry.Client // one a URL
	urls    []string
	at      int // who is asked
	door    *door
	idle    *http.Client
	timeout time.Duration
}

func newRegistry(c *Config) (*registry, error) {
	httpClient, err := newHTTPClient(c)
	if err != nil {
		return nil, err
	}
	r := &registry{door: &door{next: httpClient.Transport}, idle: httpClient, timeout: c.timeout}
	for _, u := range c.urls.list {
		conf := schemaregistry.NewConfig(u.String())
		// A copy, for the client sets its own things in it.
		conf.HTTPClient = &http.Client{Transport: r.door, CheckRedirect: httpClient.CheckRedirect}
		// One try: when there is another is said by outage.
		conf.MaxRetries = 0
		// What was read is compiled and kept here.
		conf.CacheCapacity = 1
		client, err := schemaregistry.NewClient(conf)
		if err != nil {
			return nil, err
		}
		r.clients, r.urls = append(r.clients, client), append(r.urls, u.String())
	}
	return r, nil
}

// newHTTPClient makes a client with the operator's TLS and user. It reads
// certificates and the password anew when their files change.
func newHTTPClient(c *Config) (*http.Client, error) {
	settings := config.DefaultHTTPClientConfig
	// A registry does not redirect; what does is a login page.
	settings.FollowRedirects = false
	settings.TLSConfig = config.TLSConfig{CAFile: c.caFile, CertFile: c.certFile, KeyFile: c.keyFile}
	if c.user != "" {
		settings.BasicAuth = &config.BasicAuth{
			Username: c.user, Password: config.Secret(c.password), PasswordFile: c.passwordFile,
		}
	}
	return config.NewClientFromConfig(settings, "schema_registry", config.WithUserAgent("tidegate"))
}

// lookup implements source, with one request for the schema and one for each
// that it refers to, all before one deadline. Whoever did not answer is not asked
// first again.
func (r *registry) lookup(id uint32) (avropack.Source, error) {
	if id > math.MaxInt32 {
		return avropack.Source{}, errUnknown // no registry gives such an id
	}
	r.door.until(time.Now().Add(r.timeout))
	src, err := r.read(r.clients[r.at], id)
	var failed *unavailable
	if errors.As(err, &failed) {
		failed.url = r.urls[r.at]
		_ = r.clients[r.at].ClearCaches() // of an answer without a schema; this cannot fail
		r.at = (r.at + 1) % len(r.clients)
		return src, failed
	}
	return src, err
}

func (r *registry) read(client schemaregistry.Client, id uint32) (avropack.Source, error) {
	info, err := client.GetBySubjectAndID("", int(id))
	if err != nil {
		return avropack.Source{}, classify(err)
	}
	if err := checkType(info); err != nil {
		return avropack.Source{}, err
	}
	w := references{client: client, seen: map[schemaregistry.Reference]bool{}}
	if err := w.add(info.References); err != nil {
		return avropack.Source{}, err
	}
	return avropack.Source{Text: info.Schema, References: w.texts}, nil
}

// checkType refuses what is no Avro schema. The registry leaves the type of
// those out.
func checkType(info schemaregistry.SchemaInfo) error {
	switch {
	case info.SchemaType != "" && info.SchemaType != "AVRO":
		return fmt.Errorf("it is of type %s, not AVRO", clip(info.SchemaType))
	case info.Schema == "":
		return &unavailable{err: errNoSchema}
	}
	return nil
}

func (r *registry) close() { r.idle.CloseIdleConnections() }

// classify tells an error about a schema from one about the registry.
func classify(err error) error {
	var answer *rest.Error
	if errors.As(err, &answer) {
		switch answer.Code {
		case codeNoSchema, codeNoSubject, codeNoVersion, codeBadRequest, codeInvalid:
			return errUnknown
		}
		if answer.Code/codesPerInvalid == codeInvalid {
			return errUnknown
		}
	}
	if errors.Is(err, errLarge) {
		return errLarge
	}
	var request *url.Error // repeats the URL, which holds a subject of any length
	if errors.As(err, &request) {
		err = request.Err
	}
	return &unavailable{err: err}
}
