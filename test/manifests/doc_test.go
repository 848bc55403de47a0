// Package manifests_test holds the files for containers to what will read them: the
// Kubernetes manifests to the API's types, the configurations in them to the host, the
// Dockerfile and the compose file to the repository, and the two forms of each ready
// configuration to each other.
package manifests_test
