/* sandbox: throw-away servers, found on the machine, started as a user would start them, durable, gone at the end.
 *
 * The server is a child of the calling thread (which must be the main thread) with a parent-death signal: it ends with
 * us, even by kill -9. Its directory (mktemp -d /tmp/rh.XXXXXX, with an owner file) is removed by sandbox_stop, by a
 * small reaper child when we die, or by the next sandbox_start that finds it orphaned. Listens on a unix socket only,
 * but for a MariaDB that a replica follows: its replication knows only TCP, so it has a port of 127.0.0.1 too, which lets in
 * nobody but the replica, by a random password in a file of the directory.
 * As root the server runs as the system's `postgres` user, else as ourselves. */
#ifndef REHEARSE_SANDBOX_SANDBOX_H
#define REHEARSE_SANDBOX_SANDBOX_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/db/sql.h"

#include <stdbool.h>
#include <stdint.h>

struct sandbox;

bool sandbox_is_dsn(const char *dsn); /* "sandbox:postgresql" … */
/* Of the engine that dsn names; err when it is none. */
bool sandbox_lexis(const char *dsn, enum sql_lexis *lexis, struct err *err);

/* dsn "sandbox:postgresql", "sandbox:mariadb", "sandbox:mysql", options after '?', joined by '&':
 * "bin=/usr/lib/postgresql/15/bin", "replica=1" (a second server that follows the first), and any server setting as
 * "set.shared_buffers=256MB". Unknown engines and options are errors with a hint. */
struct sandbox *sandbox_start(const char *dsn, struct err *err);
const char *
sandbox_dsn(const struct sandbox *sandbox); /* as db_target_parse reads it; database "rehearse" exists */
const char *sandbox_replica_dsn(const struct sandbox *sandbox); /* NULL: it has none */
int sandbox_replica_pid(const struct sandbox *sandbox);         /* 0: it has none */
const char *
sandbox_server(const struct sandbox *sandbox); /* "PostgreSQL 15.18, /usr/lib/postgresql/15/bin" */
const char *sandbox_directory(const struct sandbox *sandbox);
int sandbox_pid(const struct sandbox *sandbox);       /* of the server, for fault tests */
int64_t sandbox_bytes(const struct sandbox *sandbox); /* of its data directory on disk */

/* The data as it is now, kept aside (the server stops, its directory is copied, it starts again); restore brings it back. */
bool sandbox_keep(struct sandbox *sandbox, struct err *err);
bool sandbox_restore(struct sandbox *sandbox, struct err *err);

bool sandbox_stop_server(struct sandbox *sandbox, bool immediate, struct err *err); /* data stays */
bool sandbox_start_server(struct sandbox *sandbox, struct err *err);
void sandbox_stop(struct sandbox *sandbox); /* server and directory; accepts NULL; frees */

#endif
