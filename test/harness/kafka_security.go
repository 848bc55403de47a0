package harness

import (
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/tokenserver"
)

// SecureListener is one of the ways into a cluster with KafkaOptions.Secured.
type SecureListener string

// The ways. Each speaks on a port of its own; the plain one of the harness stays, for those
// who only look, and may do everything.
const (
	ListenTLS       SecureListener = "TLS"       // whoever trusts the CA; may do everything
	ListenMutualTLS SecureListener = "MUTUAL"    // demands a client certificate
	ListenMisnamed  SecureListener = "MISNAMED"  // TLS with a certificate for another host
	ListenSASL      SecureListener = "SASL"      // TLS, with PLAIN and SCRAM in it
	ListenSASLClear SecureListener = "SASLCLEAR" // PLAIN and SCRAM, for all to read
)

var listenerProtocols = map[SecureListener]string{
	ListenTLS: "SSL", ListenMutualTLS: "SSL", ListenMisnamed: "SSL",
	ListenSASL: "SASL_SSL", ListenSASLClear: "SASL_PLAINTEXT",
}

// KafkaUser is one that the cluster knows: by password over SASL, by the certificate of that
// name over mutual TLS. It may do what Grant allowed it.
type KafkaUser struct{ Name, Password string }

// The users, the second of which no test grants anything.
var (
	KafkaAgent    = KafkaUser{"agent", "hush-agent-7Qz"}
	KafkaStranger = KafkaUser{"stranger", "hush-stranger-4Xw"}
)

// KafkaSecurity is what a client of a secured cluster needs. The paths are of PEM files.
type KafkaSecurity struct {
	CA, OtherCA string // the second signed nothing here

	AgentCert, AgentKey string
	ForeignCert         string // of the other CA, for AgentKey
}

// brokerSecurity is a broker's part of it.
type brokerSecurity struct {
	ports     map[SecureListener]int
	protocols map[SecureListener]string
	keyStore  string // the broker's key and certificate
	misnamed  string // the same for another host
	trust     string // the CA of clients
}

// Security gives the files of a cluster with KafkaOptions.Secured.
func (k *Kafka) Security() *KafkaSecurity { return k.security }

// SecureBrokers is the bootstrap list of one way in.
func (k *Kafka) SecureBrokers(l SecureListener) string {
	addresses := make([]string, len(k.brokers))
	for i, b := range k.brokers {
		addresses[i] = loopback(b.secure.ports[l])
	}
	return strings.Join(addresses, ",")
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// addSecurity makes keys and certificates, and a port for each way into each broker.
func (k *Kafka) addSecurity(tokens *tokenserver.Server) error {
	listeners := maps.Clone(listenerProtocols)
	if tokens != nil {
		maps.Copy(listeners, tokenListeners)
		if err := k.jvm.acceptTokens(tokens); err != nil {
			return err
		}
	}
	dir := k.dir.path
	own, err := newAuthority("Tidegate test CA")
	if err != nil {
		return err
	}
	other, err := newAuthority("another CA")
	if err != nil {
		return err
	}
	k.security = &KafkaSecurity{
		CA: filepath.Join(dir, "ca.pem"), OtherCA: filepath.Join(dir, "other-ca.pem"),
		AgentCert: filepath.Join(dir, "agent.pem"), AgentKey: filepath.Join(dir, "agent.key"),
		ForeignCert: filepath.Join(dir, "foreign.pem"),
	}
	s := brokerSecurity{
		keyStore: filepath.Join(dir, "broker.pem"), misnamed: filepath.Join(dir, "misnamed.pem"), trust: k.security.CA,
	}
	if err := k.security.write(own, other, s); err != nil {
		return fmt.Errorf("making keys and certificates: %w", err)
	}
	for _, b := range k.brokers {
		ports, err := freePorts(len(listeners))
		if err != nil {
			return err
		}
		secure := s
		secure.ports = map[SecureListener]int{}
		secure.protocols = listeners
		for l := range listeners {
			secure.ports[l], ports = ports[0], ports[1:]
		}
		b.secure = &secure
	}
	return nil
}

// addSecurity adds the listeners, the users of PLAIN, and the authorizer. Between the
// brokers nothing changes: they, like the harness, come without a name, which may do
// everything.
func (b *broker) addSecurity(p map[string]string) {
	for l, protocol := range b.secure.protocols {
		addListener(p, string(l), protocol, b.secure.ports[l], loopback(b.secure.ports[l]))
	}
	var known strings.Builder
	for _, user := range []KafkaUser{KafkaAgent, KafkaStranger} {
		fmt.Fprintf(&known, " user_%s=%q", user.Name, user.Password)
	}
	maps.Copy(p, map[string]string{
		"ssl.keystore.type":           "PEM",
		"ssl.keystore.location":       b.secure.keyStore,
		"ssl.truststore.type":         "PEM",
		"ssl.truststore.location":     b.secure.trust,
		"ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
		"sasl.enabled.mechanisms":     "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		"authorizer.class.name":       "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users":                 "User:ANONYMOUS",

		"listener.name.mutual.ssl.client.auth":         "required",
		"listener.name.misnamed.ssl.keystore.location": b.secure.misnamed,
	})
	for _, l := range []SecureListener{ListenSASL, ListenSASLClear} {
		prefix := "listener.name." + strings.ToLower(string(l)) + "."
		p[prefix+"plain.sasl.jaas.config"] = "org.apache.kafka.common.security.plain.PlainLoginModule required" + known.String() + ";"
		for _, scram := range []string{"scram-sha-256", "scram-sha-512"} {
			p[prefix+scram+".sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
		}
	}
}

// EncryptedKey is the agent's key again, under a password.
func (s *KafkaSecurity) EncryptedKey(t testing.TB, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "encrypted.key")
	if err := encryptKey(s.AgentKey, path, password); err != nil {
		t.Fatal(err)
	}
	return path
}
