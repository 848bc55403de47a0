package harness

// Root is the folder of the repository.
func Root() (string, error) { return rootDir() }
