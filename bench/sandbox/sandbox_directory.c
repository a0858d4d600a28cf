#include "bench/sandbox/sandbox_directory.h"

#include "bench/base/arena.h"
#include "bench/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARENT "/tmp"
#define PREFIX "rh."

/* Start time of a process in clock ticks since boot: with the pid it names a process for good. 0: no such process. */
static unsigned long long start_ticks(long pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    unsigned long long ticks = 0;
    const char *after_name = strrchr(text, ')'); /* the name may hold anything */
    if (after_name == NULL ||
        sscanf(after_name,
               ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
               &ticks) != 1)
        return 0;
    return ticks;
}

/* Process numbers mean something within one name space: /tmp may be shared by containers. "-" when it cannot be told. */
static const char *name_space(char text[64])
{
    ssize_t length = readlink("/proc/self/ns/pid", text, 63);
    text[length < 0 ? 0 : length] = '\0';
    return length <= 0 ? "-" : text;
}

static bool write_owner(const char *directory)
{
    char path[SANDBOX_PATH_BYTES + 16], space[64];
    snprintf(path, sizeof path, "%s/owner", directory);
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        return false;
    bool wrote = fprintf(file, "%ld %llu %s\n", (long)getpid(), start_ticks(getpid()), name_space(space)) > 0;
    return fclose(file) == 0 && wrote;
}

bool sandbox_directory_make(const struct sandbox_user *user, char path[SANDBOX_PATH_BYTES], struct err *err)
{
    snprintf(path, SANDBOX_PATH_BYTES, "%s/%sXXXXXX", PARENT, PREFIX);
    if (mkdtemp(path) == NULL)
        return err_set(err, ERR_ENVIRONMENT, "cannot make a directory in %s: %s", PARENT, strerror(errno));
    if (write_owner(path) && (!user->change || chown(path, user->uid, user->gid) == 0))
        return true;
    err_set(err, ERR_ENVIRONMENT, "cannot set up %s: %s", path, strerror(errno));
    file_remove_tree(path);
    return false;
}

/* False when it cannot be told. */
static bool owner_died(const char *directory)
{
    char path[SANDBOX_PATH_BYTES + 16], space[64], ours[64];
    snprintf(path, sizeof path, "%s/owner", directory);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    char text[128] = "";
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    long pid;
    unsigned long long ticks;
    if (got <= 0 || sscanf(text, "%ld %llu %63s", &pid, &ticks, space) != 3 || pid <= 0 ||
        strcmp(space, name_space(ours)) != 0)
        return false;
    bool hidden = kill((pid_t)pid, 0) != 0 && errno == EPERM; /* alive; /proc may not show it to us */
    return start_ticks(pid) != ticks && !(hidden && start_ticks(pid) == 0);
}

static void remove_orphan(const char *path)
{
    sandbox_reaper_kill(path);
    file_remove_tree(path);
}

void sandbox_directory_remove_orphans(const struct sandbox_user *user)
{
    DIR *parent = opendir(PARENT);
    if (parent == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(parent)) != NULL;) {
        char path[SANDBOX_PATH_BYTES];
        struct stat status;
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            snprintf(path, sizeof path, "%s/%s", PARENT, entry->d_name) >= (int)sizeof path)
            continue;
        bool ours = lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
                    (status.st_uid == user->uid || status.st_uid == geteuid());
        if (ours && owner_died(path))
            remove_orphan(path);
    }
    closedir(parent);
}

int64_t sandbox_directory_bytes(const char *path)
{
    char *root = mem_strdup(path), *roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    int64_t bytes = 0;
    for (const FTSENT *entry; walk != NULL && (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_F || entry->fts_info == FTS_D)
            bytes += (int64_t)entry->fts_statp->st_blocks * 512;
    if (walk != NULL)
        fts_close(walk);
    free(root);
    return bytes;
}
