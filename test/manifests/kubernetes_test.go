package manifests_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// manifest is what a file in docker/kubernetes holds.
type manifest struct {
	path       string
	configMaps map[string]*corev1.ConfigMap
	pods       []pod
}

// pod is the template of a workload.
type pod struct {
	owner string // kind and name
	spec  corev1.PodSpec
}

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// manifests decodes every file. An unknown, repeated or mistyped field fails the test.
func manifests(t *testing.T) []manifest {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), "docker", "kubernetes", "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no manifests (%v)", err)
	}
	all := make([]manifest, len(paths))
	for i, path := range paths {
		all[i] = manifest{path: path, configMaps: map[string]*corev1.ConfigMap{}}
		for _, object := range decode(t, path) {
			all[i].add(t, object)
		}
	}
	return all
}

func decode(t *testing.T, path string) (objects []runtime.Object) {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, rbacv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(text)))
	defer documents.Close()
	for {
		document := make([]byte, len(text)+1)
		n, err := documents.Read(document)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		object, kind, err := decoder.Decode(document[:n], nil, nil)
		if err != nil {
			t.Fatalf("%s, %v: %v", filepath.Base(path), kind, err)
		}
		objects = append(objects, object)
	}
}

func (m *manifest) add(t *testing.T, object runtime.Object) {
	t.Helper()
	switch o := object.(type) {
	case *corev1.ConfigMap:
		m.configMaps[o.Name] = o
	case *appsv1.Deployment:
		m.pods = append(m.pods, pod{"Deployment " + o.Name, o.Spec.Template.Spec})
		sameLabels(t, o.Name, o.Spec.Selector.MatchLabels, o.Spec.Template.Labels)
	case *appsv1.DaemonSet:
		m.pods = append(m.pods, pod{"DaemonSet " + o.Name, o.Spec.Template.Spec})
		sameLabels(t, o.Name, o.Spec.Selector.MatchLabels, o.Spec.Template.Labels)
	}
}

// sameLabels: the API refuses a workload whose selector does not find its own pods.
func sameLabels(t *testing.T, name string, selector, labels map[string]string) {
	t.Helper()
	for key, value := range selector {
		if labels[key] != value {
			t.Errorf("%s: its selector wants %s=%s, its pods have %q", name, key, value, labels[key])
		}
	}
}

// containers are those that run beside each other and before.
func (p pod) containers() []corev1.Container {
	return append(append([]corev1.Container{}, p.spec.InitContainers...), p.spec.Containers...)
}

// What the types allow and a cluster does not: references that lead nowhere. And what it
// allows and we want: memory limits, time to end.
func TestKubernetesManifests(t *testing.T) {
	for _, m := range manifests(t) {
		t.Run(filepath.Base(m.path), func(t *testing.T) {
			if len(m.pods) != 1 || len(m.configMaps) != 1 {
				t.Fatalf("%d workloads and %d ConfigMaps, want one of each", len(m.pods), len(m.configMaps))
			}
			p := m.pods[0]
			if s := p.spec.TerminationGracePeriodSeconds; s == nil || *s < 30 {
				t.Errorf("%s: not enough terminationGracePeriodSeconds", p.owner)
			}
			volumes := map[string]bool{}
			for _, v := range p.spec.Volumes {
				volumes[v.Name] = true
				if v.ConfigMap != nil && m.configMaps[v.ConfigMap.Name] == nil {
					t.Errorf("%s: the volume %s is of a ConfigMap %q that is not there", p.owner, v.Name, v.ConfigMap.Name)
				}
			}
			for _, c := range p.containers() {
				checkContainer(t, c, volumes)
			}
		})
	}
}

func checkContainer(t *testing.T, c corev1.Container, volumes map[string]bool) {
	t.Helper()
	for _, mount := range c.VolumeMounts {
		if !volumes[mount.Name] {
			t.Errorf("container %s mounts %q, which is no volume", c.Name, mount.Name)
		}
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero() {
		t.Errorf("container %s: no request or limit of memory", c.Name)
	}
	plainImage(t, c.Image)
}

// plainImage refuses images without a version, and those of a named registry: where images
// come from is the choice of whoever runs them.
func plainImage(t *testing.T, image string) {
	t.Helper()
	name, version, found := strings.Cut(image, ":")
	host, _, inFolder := strings.Cut(name, "/")
	if inFolder && strings.ContainsAny(host, ".") {
		t.Errorf("image %s names a registry", image)
	}
	if !found || version == "latest" {
		t.Errorf("image %s has no version", image)
	}
}
