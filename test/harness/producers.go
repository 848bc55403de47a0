package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Producer is a program of test/e2e/testdata/producers with its library, as an application
// would have it.
type Producer struct {
	Name string

	command []string // before topic and count
	env     []string
	brokers string
}

// NeedProducers gives the producers that this machine can run, by name: those whose
// language is there and whose package can be had. The reasons of the others are in absent.
func NeedProducers(t testing.TB, k *Kafka) (producers []Producer, absent map[string]error) {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	absent = map[string]error{}
	for name, find := range map[string]func(dir string) (Producer, error){
		"kafkajs": kafkajs, "confluent": confluentPython,
	} {
		p, err := find(filepath.Join(module, "e2e", "testdata", "producers", name))
		if err != nil {
			absent[name] = err
			continue
		}
		p.Name, p.brokers = name, k.Brokers()
		producers = append(producers, p)
	}
	return producers, absent
}

// Produce sends the logs 0 to count-1 to a topic.
func (p Producer) Produce(t testing.TB, topic string, count int) {
	t.Helper()
	args := append(p.command[1:len(p.command):len(p.command)], topic, fmt.Sprint(count))
	cmd := exec.CommandContext(t.Context(), p.command[0], args...)
	cmd.Env = append(append(os.Environ(), p.env...), "KAFKA_BROKERS="+p.brokers)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("producing to %s with %s: %v\n%s", topic, p.Name, err, out)
	}
}

// kafkajs is installed by npm, once, into the cache.
func kafkajs(dir string) (Producer, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return Producer{}, err
	}
	packages, err := installed("kafkajs", filepath.Join(dir, "package.json"), "npm",
		func(into string) []string { return []string{"install", "--no-audit", "--no-fund", "--prefix", into} })
	return Producer{
		command: []string{node, filepath.Join(dir, "producer.mjs")},
		env:     []string{"PACKAGES=" + packages},
	}, err
}

// confluentPython is installed by pip, once, into the cache: for this very Python, because
// the package has machine code in it.
func confluentPython(dir string) (Producer, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return Producer{}, err
	}
	requirements := filepath.Join(dir, "requirements.txt")
	version, err := exec.Command(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	if err != nil {
		return Producer{}, fmt.Errorf("asking %s for its version: %w", python, err)
	}
	packages, err := installed("python-"+string(version[:len(version)-1]), requirements, python,
		func(into string) []string {
			return []string{"-m", "pip", "install", "--quiet", "--target", into, "-r", requirements}
		})
	return Producer{
		command: []string{python, filepath.Join(dir, "producer.py")},
		env:     []string{"PYTHONPATH=" + packages},
	}, err
}

// installed runs a package manager once for the content of its list, which it finds copied
// into the folder that it is to fill.
func installed(name, list, manager string, args func(into string) []string) (string, error) {
	version, err := digest(list)
	if err != nil {
		return "", err
	}
	if manager, err = exec.LookPath(manager); err != nil {
		return "", err
	}
	return cached(name+"-"+version, func(into string) error {
		Progress("installing the packages of %s, once", filepath.Base(filepath.Dir(list)))
		text, err := os.ReadFile(list)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(into, filepath.Base(list)), text, 0o644); err != nil {
			return err
		}
		cmd := exec.Command(manager, args(into)...)
		cmd.Dir = into
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("installing with %s: %w\n%s", filepath.Base(manager), err, lastLines(string(out), 10))
		}
		return nil
	})
}
