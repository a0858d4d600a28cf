#include "bench/base/file.h"

#include "bench/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 65536 };

bool file_read(struct arena *arena, const char *path, char **text, size_t *length, struct err *err)
{
    struct buf all = {0};
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_USAGE, "cannot open %s: %s", path, strerror(errno));
    ssize_t got;
    do {
        buf_reserve(&all, CHUNK_BYTES);
        got = read(fd, all.data + all.length, CHUNK_BYTES);
        if (got > 0)
            all.length += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    int failure = got < 0 ? errno : 0;
    if (!standard_input)
        close(fd);
    if (failure != 0) {
        buf_free(&all);
        return err_set(err, ERR_USAGE, "cannot read %s: %s", path, strerror(failure));
    }
    *text = arena_strndup(arena, all.data, all.length);
    *length = all.length;
    buf_free(&all);
    return true;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t wrote = write(fd, bytes, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes += wrote;
        length -= (size_t)wrote;
    }
    return true;
}

static bool sync_directory(const char *path)
{
    struct arena arena = {0};
    int fd = open(file_directory(&arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    arena_free(&arena);
    if (fd < 0)
        return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

bool file_write_atomic(const char *path, const void *bytes, size_t length, struct err *err)
{
    struct buf temporary = {0};
    buf_printf(&temporary, "%s.tmp.%d", path, (int)getpid());
    unlink(temporary.data); /* of a process of the same number that was killed: containers give few numbers */
    int fd = open(temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write_all(fd, bytes, length) && fsync(fd) == 0;
    int failure = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = false;
        failure = errno;
    }
    if (ok && rename(temporary.data, path) != 0) {
        ok = false;
        failure = errno;
    }
    if (!ok) {
        if (fd >= 0)
            unlink(temporary.data);
        err_set(err, ERR_ENVIRONMENT, "cannot write %s: %s", path, strerror(failure));
    } else {
        sync_directory(path); /* best effort: some file systems refuse it */
    }
    buf_free(&temporary);
    return ok;
}

bool file_make_directories(const char *path, struct err *err)
{
    struct arena arena = {0};
    char *walk = arena_strdup(&arena, path);
    bool ok = true;
    for (char *slash = walk; ok && slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(walk, 0755) != 0 && errno != EEXIST)
            ok = err_set(err, ERR_ENVIRONMENT, "cannot create directory %s: %s", walk, strerror(errno));
        if (slash != NULL)
            *slash = '/';
    }
    arena_free(&arena);
    return ok;
}

char *file_join(struct arena *arena, const char *directory, const char *name)
{
    return name[0] == '/' ? arena_strdup(arena, name) : arena_printf(arena, "%s/%s", directory, name);
}

char *file_directory(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return arena_strdup(arena, ".");
    return arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

bool file_remove_tree(const char *path)
{
    return nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) == 0;
}
