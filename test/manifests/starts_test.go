package manifests_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	corev1 "k8s.io/api/core/v1"
)

// configPath is the argument of the agents' containers.
const configPath = "/etc/tidegate/fluent-bit.conf"

// nowhere is an address at which nothing listens: agents wait for what is not there.
const nowhere = "127.0.0.1:9"

var (
	variableRE  = regexp.MustCompile(`\$\{([A-Z_]+)`)
	builtInsRE  = regexp.MustCompile(`(?m)^\s+name\s+(tail|kubernetes)\s*$`)
	httpTimeout = 5 * time.Second
)

// Each configuration in a ConfigMap starts with the environment that its container gives
// it, and answers where the container's probes ask.
func TestEmbeddedConfigurationsStart(t *testing.T) {
	hosts, err := harness.Hosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifests(t) {
		c := m.agent(t)
		config := m.config(t, c)
		for _, host := range hosts {
			t.Run(filepath.Base(m.path)+"/"+host.Short(), func(t *testing.T) {
				if own := builtInsRE.FindStringSubmatch(config); own != nil && !host.FluentBit {
					t.Skip("needs Fluent Bit: the stand-in has no " + own[1])
				}
				startConfiguration(t, host, c, config)
			})
		}
	}
}

// agent is the one container of a manifest that runs Fluent Bit.
func (m manifest) agent(t *testing.T) corev1.Container {
	t.Helper()
	for _, c := range m.pods[0].containers() {
		if strings.Join(c.Args, " ") == "-c "+configPath {
			return c
		}
	}
	t.Fatalf("%s: no container runs fluent-bit -c %s", m.path, configPath)
	return corev1.Container{}
}

// config is the file that the container finds at configPath.
func (m manifest) config(t *testing.T, c corev1.Container) string {
	t.Helper()
	for _, mount := range c.VolumeMounts {
		file, err := filepath.Rel(mount.MountPath, configPath)
		if err != nil || strings.HasPrefix(file, "..") {
			continue
		}
		for _, v := range m.pods[0].spec.Volumes {
			if v.Name == mount.Name && v.ConfigMap != nil {
				if text := m.configMaps[v.ConfigMap.Name].Data[file]; text != "" {
					return text
				}
			}
		}
	}
	t.Fatalf("%s: container %s does not find %s", m.path, c.Name, configPath)
	return ""
}

func startConfiguration(t *testing.T, host harness.HostBinary, c corev1.Container, config string) {
	t.Helper()
	port := harness.FreePort(t)
	env := environment(t, c, port)
	for _, v := range variableRE.FindAllStringSubmatch(config, -1) {
		if _, set := env[v[1]]; !set && v[1] != "TIDEGATE_HOME" {
			t.Errorf("container %s does not set ${%s}", c.Name, v[1])
		}
	}
	file := filepath.Join(t.TempDir(), "fluent-bit.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	h := harness.StartHost(t, host, harness.HostConfig{File: file, Env: env})
	if host.FluentBit {
		for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
			checkProbe(t, h, c, probe, port)
		}
	}
	// An agent without brokers takes all of its grace to stop: the harness kills it.
	h.WaitLog(t, `tidegate_kafka.*cannot reach Kafka`, time.Minute)
}

// environment is the container's, with values that lead to this machine.
func environment(t *testing.T, c corev1.Container, port int) map[string]string {
	t.Helper()
	dir := t.TempDir()
	ours := map[string]string{
		"KAFKA_BROKERS": nowhere, "LOKI_URL": "http://" + nowhere, "POD_IP": "127.0.0.1", "HTTP_PORT": strconv.Itoa(port),
		"LOG_FILES": filepath.Join(dir, "*.log"), "STATE_DIR": filepath.Join(dir, "state"),
	}
	env := map[string]string{}
	for _, e := range c.Env {
		env[e.Name] = e.Value
		if value, ok := ours[e.Name]; ok {
			env[e.Name] = value
		} else if e.ValueFrom != nil {
			env[e.Name] = "a-value"
		}
	}
	// A tail without a line sends nothing, and an output that sends nothing misses nobody.
	if err := os.WriteFile(filepath.Join(dir, "a.log"), []byte("2026-01-02T03:04:05.678901234Z stdout F a line\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return env
}

// checkProbe asks as the kubelet does. A container without a probe has none to fail.
func checkProbe(t *testing.T, h *harness.Host, c corev1.Container, probe *corev1.Probe, port int) {
	t.Helper()
	if probe == nil {
		return
	}
	if name := probe.HTTPGet.Port.String(); name != c.Ports[0].Name {
		t.Errorf("a probe of container %s asks the port %q", c.Name, name)
	}
	client := http.Client{Timeout: httpTimeout}
	harness.Eventually(t, time.Minute, "probe "+probe.HTTPGet.Path, func() error {
		if h.Exited() {
			return harness.Hopeless{Err: fmt.Errorf("the host has ended")}
		}
		answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, probe.HTTPGet.Path))
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s", answer.Status)
		}
		return nil
	})
}
