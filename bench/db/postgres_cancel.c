#include "bench/db/postgres.h"

#include "bench/base/arena.h"

#include <libpq-fe.h>
#include <stdlib.h>

/* PQcancel opens a connection and waits for the server to close it, without a limit: a frozen server would hold the caller
 * for ever. So it runs on a thread of its own and the caller waits at most cancel_limit_ns. The thread is detached and
 * owns a share of the handle; one that hangs ends with the process. */

static const int64_t cancel_limit_ns = 2 * NS_PER_S;

struct postgres_cancel {
    atomic_int users; /* the session and every request under way */
    PGcancel *handle;
};

struct request {
    atomic_int users; /* the caller and the thread */
    pthread_mutex_t lock;
    pthread_cond_t done_signal;
    bool done, sent; /* under lock */
    struct postgres_cancel *cancel;
};

struct postgres_cancel *postgres_cancel_new(PGconn *conn)
{
    PGcancel *handle = PQgetCancel(conn);
    if (handle == NULL)
        return NULL;
    struct postgres_cancel *cancel = mem_alloc(sizeof *cancel);
    atomic_init(&cancel->users, 1);
    cancel->handle = handle;
    return cancel;
}

void postgres_cancel_free(struct postgres_cancel *cancel)
{
    if (cancel == NULL || atomic_fetch_sub(&cancel->users, 1) != 1)
        return;
    PQfreeCancel(cancel->handle);
    free(cancel);
}

static struct request *request_new(struct postgres_cancel *cancel)
{
    struct request *request = mem_alloc(sizeof *request);
    pthread_condattr_t monotonic;
    atomic_init(&request->users, 2);
    pthread_mutex_init(&request->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&request->done_signal, &monotonic);
    pthread_condattr_destroy(&monotonic);
    request->cancel = cancel;
    return request;
}

static void request_free(struct request *request)
{
    if (atomic_fetch_sub(&request->users, 1) != 1)
        return;
    postgres_cancel_free(request->cancel);
    pthread_cond_destroy(&request->done_signal);
    pthread_mutex_destroy(&request->lock);
    free(request);
}

static void *request_main(void *context)
{
    struct request *request = context;
    char why[256];
    bool sent = PQcancel(request->cancel->handle, why, sizeof why) == 1;
    pthread_mutex_lock(&request->lock);
    request->done = true;
    request->sent = sent;
    pthread_cond_signal(&request->done_signal);
    pthread_mutex_unlock(&request->lock);
    request_free(request);
    return NULL;
}

static bool request_wait(struct request *request)
{
    int64_t limit_ns = clock_ns() + cancel_limit_ns;
    struct timespec limit = {.tv_sec = limit_ns / NS_PER_S, .tv_nsec = limit_ns % NS_PER_S};
    pthread_mutex_lock(&request->lock);
    while (!request->done && pthread_cond_timedwait(&request->done_signal, &request->lock, &limit) == 0)
        ;
    bool sent = request->done && request->sent;
    pthread_mutex_unlock(&request->lock);
    return sent;
}

/* Takes over the caller's share of cancel. */
static bool request_run(struct postgres_cancel *cancel)
{
    struct request *request = request_new(cancel);
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &detached, request_main, request) == 0;
    pthread_attr_destroy(&detached);
    if (!started)
        atomic_fetch_sub(&request->users, 1); /* the thread's share */
    bool sent = started && request_wait(request);
    request_free(request);
    return sent;
}

bool postgres_cancel_send(struct postgres *pg)
{
    pthread_mutex_lock(&pg->guard);
    struct postgres_cancel *cancel = pg->cancel;
    if (cancel != NULL)
        atomic_fetch_add(&cancel->users, 1);
    pthread_mutex_unlock(&pg->guard);
    return cancel != NULL && request_run(cancel);
}

bool postgres_cancel_slot(struct db *db)
{
    struct postgres *pg = (struct postgres *)db;
    atomic_store(&pg->cancelled, true);
    return postgres_cancel_send(pg);
}
