#include "bench/db/mysql.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* Where the library waits by itself, a thread of each session does for its owner what the owner does elsewhere while he
 * waits: it sees the deadline, looks for lock waits, kills. It has the flight from enter to leave. */

struct mysql_watchdog {
    pthread_t thread;
    pthread_mutex_t mutex; /* of all below, and of the flight */
    pthread_cond_t call;
    struct mysql_flight *flight; /* NULL: the owner waits for nothing */
    int64_t wakes_ns;            /* when the thread looks next by itself */
    bool ends;
};

static void sleep_until(struct mysql_watchdog *dog, int64_t due_ns)
{
    struct timespec due = {.tv_sec = due_ns / NS_PER_S, .tv_nsec = due_ns % NS_PER_S};
    dog->wakes_ns = due_ns;
    if (due_ns == CLOCK_NEVER_NS)
        pthread_cond_wait(&dog->call, &dog->mutex);
    else
        pthread_cond_timedwait(&dog->call, &dog->mutex, &due);
}

static void *watch_main(void *context)
{
    struct mysql_watchdog *dog = context;
    pthread_mutex_lock(&dog->mutex);
    while (!dog->ends) {
        if (dog->flight != NULL && !mysql_wait_tend(dog->flight))
            dog->flight = NULL; /* lost: the owner will see it */
        sleep_until(dog, dog->flight != NULL ? mysql_wait_next_ns(dog->flight) : CLOCK_NEVER_NS);
    }
    pthread_mutex_unlock(&dog->mutex);
    mysql_thread_end();
    return NULL;
}

struct mysql_watchdog *mysql_watchdog_start(void)
{
    struct mysql_watchdog *dog = mem_alloc(sizeof *dog);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&dog->mutex, NULL);
    pthread_cond_init(&dog->call, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&dog->thread, NULL, watch_main, dog) != 0)
        abort(); /* out of memory */
    return dog;
}

void mysql_watchdog_stop(struct mysql_watchdog *dog)
{
    pthread_mutex_lock(&dog->mutex);
    dog->ends = true;
    pthread_cond_signal(&dog->call);
    pthread_mutex_unlock(&dog->mutex);
    pthread_join(dog->thread, NULL);
    pthread_cond_destroy(&dog->call);
    pthread_mutex_destroy(&dog->mutex);
    free(dog);
}

/* A thread that wakes soon enough by itself is not woken: most statements cost no switch of threads. */
void mysql_watchdog_enter(struct mysql_watchdog *dog, struct mysql_flight *flight)
{
    pthread_mutex_lock(&dog->mutex);
    dog->flight = flight;
    if (mysql_wait_next_ns(flight) < dog->wakes_ns)
        pthread_cond_signal(&dog->call);
    pthread_mutex_unlock(&dog->mutex);
}

void mysql_watchdog_leave(struct mysql_watchdog *dog)
{
    pthread_mutex_lock(&dog->mutex);
    dog->flight = NULL;
    pthread_mutex_unlock(&dog->mutex);
}

void mysql_watchdog_lock(struct mysql_watchdog *dog)
{
    pthread_mutex_lock(&dog->mutex);
}

void mysql_watchdog_unlock(struct mysql_watchdog *dog)
{
    pthread_mutex_unlock(&dog->mutex);
}
