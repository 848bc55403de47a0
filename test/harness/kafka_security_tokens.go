package harness

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tidegate/tidegate/test/tokenserver"
)

// The ways into a cluster with KafkaOptions.Tokens, over TLS. A user's name is the token's
// subject, or that of AWS.
const (
	ListenOAuth SecureListener = "OAUTH" // JWTs of the token server
	ListenIAM   SecureListener = "IAM"   // tokens of MSK's IAM login
)

var tokenListeners = map[SecureListener]string{ListenOAuth: "SASL_SSL", ListenIAM: "SASL_SSL"}

// maxSession is how long a login lasts at most; a token's end comes first.
const maxSession = "3600000"

// addTokens adds what a broker needs to judge tokens: the server's keys for JWTs, its word for
// those of AWS.
func addTokens(p map[string]string, s *tokenserver.Server) {
	const module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
	oauth, iam := "listener.name.oauth.", "listener.name.iam."
	maps.Copy(p, map[string]string{
		oauth + "sasl.enabled.mechanisms":                         "OAUTHBEARER",
		oauth + "oauthbearer.sasl.jaas.config":                    module + ";",
		oauth + "oauthbearer.sasl.server.callback.handler.class":  "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
		oauth + "oauthbearer.sasl.oauthbearer.jwks.endpoint.url":  s.KeysURL(),
		oauth + "oauthbearer.sasl.oauthbearer.expected.audience":  tokenserver.Audience,
		oauth + "oauthbearer.sasl.oauthbearer.expected.issuer":    s.Issuer(),
		oauth + "oauthbearer.sasl.oauthbearer.clock.skew.seconds": "0",
		oauth + "oauthbearer.connections.max.reauth.ms":           maxSession,
		iam + "sasl.enabled.mechanisms":                           "OAUTHBEARER",
		iam + "oauthbearer.sasl.jaas.config":                      module + ";",
		iam + "oauthbearer.sasl.server.callback.handler.class":    "IntrospectingValidator",
		iam + "oauthbearer.connections.max.reauth.ms":             maxSession,
	})
}

// acceptTokens readies the brokers' Java for tokens: it reaches for no key that it was not
// told of, and does not know how MSK's brokers judge.
func (j *jvm) acceptTokens(s *tokenserver.Server) error {
	classes, err := compileValidator(j.classPath)
	if err != nil {
		return err
	}
	j.classPath += ":" + classes
	j.options = append(j.options, "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="+s.KeysURL(), "-Dintrospection.url="+s.IntrospectURL())
	return nil
}

// compileValidator makes the class of test/kafka/introspection, once.
func compileValidator(classPath string) (string, error) {
	folder, _, _ := strings.Cut(classPath, ":")
	source := filepath.Join(folder, "introspection", "IntrospectingValidator.java")
	id, err := digest(source)
	if err != nil {
		return "", err
	}
	return cached("kafka-introspection-"+id, func(dir string) error {
		javac, err := needCommand("javac", javaPackage)
		if err != nil {
			return err
		}
		cmd := exec.Command(javac, "--release", fmt.Sprint(minJava), "-cp", classPath, "-d", dir, source)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("compiling %s: %w\n%s", source, err, lastLines(string(out), 20))
		}
		return nil
	})
}
