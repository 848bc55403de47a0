package harness

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// The plugin version is pinned like everything else that is downloaded.
const copyDependencies = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

// kafkaClassPath resolves test/kafka/pom.xml to jars in the cache. Maven is needed the
// first time only. The folder of the pom comes first: it holds the logging configuration.
func kafkaClassPath() (string, error) {
	module, err := moduleDir()
	if err != nil {
		return "", err
	}
	pom := filepath.Join(module, "kafka", "pom.xml")
	id, err := digest(pom)
	if err != nil {
		return "", err
	}
	jars, err := cached("kafka-"+id, func(dir string) error {
		mvn, err := needCommand("mvn", "maven", javaPackage)
		if err != nil {
			return err
		}
		Progress("fetching Apache Kafka with Maven, once (about 50 MB)")
		defer keepTelling("fetching Apache Kafka")()
		cmd := exec.Command(mvn, "-q", "-B", "-f", pom, copyDependencies,
			"-DincludeScope=runtime", "-DoutputDirectory="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("fetching Kafka with Maven: %w\n%s", err, lastLines(string(out), 20))
		}
		return nil
	})
	return filepath.Dir(pom) + ":" + filepath.Join(jars, "*"), err
}

// kafkaVersion reads the version off the name of the broker's jar.
func kafkaVersion(classPath string) string {
	_, jars, _ := strings.Cut(classPath, ":")
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(jars), "kafka_2.13-*.jar"))
	if len(names) != 1 {
		return "of unknown version"
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(names[0]), "kafka_2.13-"), ".jar")
}
