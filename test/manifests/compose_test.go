package manifests_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// composeFile has the keys of the compose specification that ours uses: any other is a
// mistake until it is added here.
type composeFile struct {
	Name     string
	Services map[string]composeService
	Volumes  map[string]any
}

type composeService struct {
	Image string
	Build *struct {
		Context    string
		Dockerfile string
	}
	Command     []string
	Environment map[string]string
	DependsOn   any `json:"depends_on"` // a list of services, or a map with conditions
	Volumes     []string
	Ports       []string
	Healthcheck any
	Restart     string
}

func TestCompose(t *testing.T) {
	path := filepath.Join(root(t), "docker", "compose.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var c composeFile
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kafka", "loki", "grafana", "fluent-bit", "producer"} {
		if _, ok := c.Services[want]; !ok {
			t.Errorf("no service %s", want)
		}
	}
	for name, s := range c.Services {
		plainImage(t, s.Image)
		s.check(t, name, filepath.Dir(path), c)
	}
}

func (s composeService) check(t *testing.T, name, dir string, c composeFile) {
	t.Helper()
	if s.Build != nil {
		needFile(t, filepath.Join(dir, s.Build.Context, s.Build.Dockerfile))
	}
	for _, needed := range s.dependsOn(t) {
		if _, ok := c.Services[needed]; !ok {
			t.Errorf("service %s depends on %q, which is no service", name, needed)
		}
	}
	for _, v := range s.Volumes {
		from, _, _ := strings.Cut(v, ":")
		if strings.HasPrefix(from, ".") {
			needFile(t, filepath.Join(dir, from))
		} else if _, ok := c.Volumes[from]; !ok {
			t.Errorf("service %s mounts %q, which is no volume", name, from)
		}
	}
	for _, p := range s.Ports {
		if !strings.HasPrefix(p, "127.0.0.1:") {
			t.Errorf("service %s opens %s to the network", name, p)
		}
	}
	// The image has the ready configurations.
	if n := len(s.Command); n == 2 && s.Command[0] == "-c" {
		needFile(t, filepath.Join(dir, "..", strings.TrimPrefix(s.Command[1], imageFolder)))
	}
}

func (s composeService) dependsOn(t *testing.T) (names []string) {
	t.Helper()
	switch d := s.DependsOn.(type) {
	case nil:
	case []any:
		for _, name := range d {
			names = append(names, name.(string))
		}
	case map[string]any:
		for name := range d {
			names = append(names, name)
		}
	default:
		t.Errorf("depends_on is %T", d)
	}
	return names
}

// The variables that a configuration reads are set by the service that runs it.
func TestComposeEnvironment(t *testing.T) {
	dir := filepath.Join(root(t), "docker")
	text, err := os.ReadFile(filepath.Join(dir, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c composeFile
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		t.Fatal(err)
	}
	agent := c.Services["fluent-bit"]
	config, err := os.ReadFile(filepath.Join(dir, "..", strings.TrimPrefix(agent.Command[1], imageFolder)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variableRE.FindAllStringSubmatch(string(config), -1) {
		if agent.Environment[v[1]] == "" && v[1] != "TIDEGATE_HOME" {
			t.Errorf("${%s} is not set", v[1])
		}
	}
}

func needFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("needs a file that is not there: %v", err)
	}
}
