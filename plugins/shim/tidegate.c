/*
 * The program tidegate. It opens libtidegate.so, which lies beside it, as the
 * plugins do: what it tells is what the agent's own code says.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { USAGE = 2 }; /* the exit code of plugins/command for what cannot start */

/* core_path writes the path of libtidegate.so: links to this program are followed. */
static int core_path(char *path, size_t size)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;

    if (n <= 0) {
        return -1;
    }
    self[n] = '\0';
    slash = strrchr(self, '/');
    if (slash == NULL) {
        return -1;
    }
    slash[1] = '\0';
    return snprintf(path, size, "%slibtidegate.so", self) < (int)size ? 0 : -1;
}

int main(int argc, char **argv)
{
    int (*run)(int, char **);
    char path[PATH_MAX + 32];
    void *lib;

    if (core_path(path, sizeof path) != 0) {
        fprintf(stderr, "tidegate: cannot tell the program's own folder: is /proc there?\n");
        return USAGE;
    }
    lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (lib == NULL) {
        fprintf(stderr, "tidegate: %s\n", dlerror());
        return USAGE;
    }
    *(void **)&run = dlsym(lib, "tidegate_main");
    if (run == NULL) {
        fprintf(stderr, "tidegate: %s is not of the same build as this program\n", path);
        return USAGE;
    }
    return run(argc, argv);
}
