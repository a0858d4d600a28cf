#include "bench/run/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { LEAVE_S = 2 };

static struct {
    pthread_mutex_t mutex; /* guards all but signal */
    interrupt_fn *action;
    void *context;
    const char *stopping, *leaving, *last_words;
    _Atomic int signal;
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER, .stopping = "stopping", .leaving = "left at once"};

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* nothing can be done about it on the way out */
}

static void first(int number)
{
    pthread_mutex_lock(&state.mutex);
    say("\n");
    say(state.stopping);
    say(" (again to leave at once)\n");
    atomic_store(&state.signal, number);
    if (state.action != NULL)
        state.action(state.context);
    pthread_mutex_unlock(&state.mutex);
}

static void leave(int alarm)
{
    (void)alarm;
    _exit(128 + atomic_load(&state.signal));
}

/* What is in flight now was begun after the first signal, such as the way back. A server that does not answer is not waited for. */
static _Noreturn void second(int number)
{
    signal(SIGALRM, leave);
    alarm(LEAVE_S);
    pthread_mutex_lock(&state.mutex);
    say("\n");
    say(state.leaving);
    say("\n");
    if (state.last_words != NULL)
        say(state.last_words);
    if (state.action != NULL)
        state.action(state.context);
    _exit(128 + number);
}

static void *wait_for_signals(void *context)
{
    sigset_t *set = context;
    int number;
    while (sigwait(set, &number) == 0) {
        if (atomic_load(&state.signal) == 0)
            first(number);
        else
            second(number);
    }
    return NULL;
}

bool interrupt_start(void)
{
    static sigset_t set;
    pthread_t thread;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    if (pthread_create(&thread, NULL, wait_for_signals, &set) != 0)
        return false;
    return pthread_detach(thread) == 0;
}

bool interrupt_requested(void)
{
    return atomic_load_explicit(&state.signal, memory_order_relaxed) != 0;
}

int interrupt_signal(void)
{
    return atomic_load(&state.signal);
}

void interrupt_set_action(interrupt_fn *action, void *context)
{
    pthread_mutex_lock(&state.mutex);
    state.action = action;
    state.context = context;
    if (action != NULL && atomic_load(&state.signal) != 0)
        action(context);
    pthread_mutex_unlock(&state.mutex);
}

bool interrupt_asked(void *context)
{
    (void)context;
    return interrupt_requested();
}

static void cancel(void *session)
{
    db_cancel(session);
}

void interrupt_cancels(void *context, struct db *session)
{
    (void)context;
    interrupt_set_action(session == NULL ? NULL : cancel, session);
}

void interrupt_set_last_words(const char *text)
{
    pthread_mutex_lock(&state.mutex);
    state.last_words = text;
    pthread_mutex_unlock(&state.mutex);
}

void interrupt_set_words(const char *stopping, const char *leaving)
{
    pthread_mutex_lock(&state.mutex);
    state.stopping = stopping;
    state.leaving = leaving;
    pthread_mutex_unlock(&state.mutex);
}
