/* Ctrl-C: once the action runs and the process goes on; twice the last words are said, the action runs again, and it leaves. */
#include "bench/run/interrupt.h"

#include "bench/base/clock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct action {
    int calls;
    int hangs_at; /* this call does not come back; 0: none */
};

static void act(void *context)
{
    struct action *action = context;
    ssize_t written = write(STDOUT_FILENO, "acted\n", 6);
    (void)written;
    if (++action->calls == action->hangs_at)
        for (;;)
            pause();
}

/* Signals itself and lives on for a while. */
static _Noreturn void be_interrupted(int signals, int hangs_at, const char *stopping)
{
    struct action action = {.hangs_at = hangs_at};
    if (!interrupt_start())
        _exit(99);
    if (stopping != NULL)
        interrupt_set_words(stopping, "left the load");
    interrupt_set_action(act, &action);
    interrupt_set_last_words("clean up after me\n");
    for (int i = 0; i < signals; i++) {
        kill(getpid(), SIGINT);
        clock_sleep_ns(200 * NS_PER_MS);
    }
    clock_sleep_ns(signals > 1 ? 20 * NS_PER_S : 0);
    _exit(interrupt_requested() ? 7 : 0);
}

/* What such a process said, on either stream, and how it ended. */
static int status_of(int signals, int hangs_at, const char *stopping, char said[1024])
{
    int ends[2], status;
    size_t length = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        be_interrupted(signals, hangs_at, stopping);
    }
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], said + length, 1023 - length)) > 0;)
        length += (size_t)got;
    said[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int count(const char *text, const char *word)
{
    int found = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        found++;
    return found;
}

static void once_asks_to_stop(void **state)
{
    (void)state;
    char said[1024];
    assert_int_equal(status_of(1, 0, NULL, said), 7);
    assert_int_equal(count(said, "acted"), 1);
    assert_non_null(strstr(said, "\nstopping (again to leave at once)\n"));
    assert_null(strstr(said, "clean up after me"));
}

/* Wrong: a statement of the way back, begun after the first signal, runs on in the server with nobody there. */
static void twice_cancels_again_and_leaves(void **state)
{
    (void)state;
    char said[1024];
    assert_int_equal(status_of(2, 0, NULL, said), 128 + SIGINT);
    assert_int_equal(count(said, "acted"), 2);
    assert_int_equal(count(said, "clean up after me"), 1);
}

static void a_server_that_hangs_is_not_waited_for(void **state)
{
    (void)state;
    char said[1024];
    int64_t start_ns = clock_ns();
    assert_int_equal(status_of(2, 2, NULL, said), 128 + SIGINT);
    assert_true(clock_ns() - start_ns < 10 * NS_PER_S);
    assert_int_equal(count(said, "clean up after me"), 1);
}

/* Wrong: a command that has neither load nor report speaks of them. */
static void the_command_tells_what_stops(void **state)
{
    (void)state;
    char said[1024];
    assert_int_equal(status_of(2, 0, "stopping: the load ends", said), 128 + SIGINT);
    assert_int_equal(count(said, "\nstopping: the load ends (again to leave at once)\n"), 1);
    assert_int_equal(count(said, "\nleft the load\n"), 1);
    assert_int_equal(status_of(2, 0, NULL, said), 128 + SIGINT);
    assert_int_equal(count(said, "load") + count(said, "report"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_asks_to_stop),
        cmocka_unit_test(twice_cancels_again_and_leaves),
        cmocka_unit_test(a_server_that_hangs_is_not_waited_for),
        cmocka_unit_test(the_command_tells_what_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
