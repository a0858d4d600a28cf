/* interrupt: Ctrl-C and SIGTERM. Once: the run is asked to stop and says so; twice: the process leaves at once.
 *
 * interrupt_start blocks the signals in the calling thread and all it starts, and gives them to a thread of its own, so
 * nothing of ours runs in a signal handler. Process-wide by nature: the one piece of state that is global. */
#ifndef REHEARSE_RUN_INTERRUPT_H
#define REHEARSE_RUN_INTERRUPT_H

#include "bench/db/db.h"

#include <stdbool.h>

typedef void interrupt_fn(void *context);

bool interrupt_start(void);     /* call before any other thread exists */
bool interrupt_requested(void); /* any thread */
int interrupt_signal(void);     /* SIGINT or SIGTERM, 0 while there was none */
/* Called on the signal thread at the first signal (at once when it already came), and again before leaving at the second,
 * which waits 2 s for it at most: to cancel what is in flight. NULL takes it away; after that returns it is not running any
 * more. */
void interrupt_set_action(interrupt_fn *action, void *context);
/* Both as callbacks, whose context means nothing to them. */
bool interrupt_asked(void *context);                       /* interrupt_requested */
void interrupt_cancels(void *context, struct db *session); /* what the session is at; NULL: nothing more */
/* What the first signal does and the second one leaves undone; without it no more than "stopping" and "left at once" is
 * said. The texts must stay valid. */
void interrupt_set_words(const char *stopping, const char *leaving);
/* Printed at the second signal, before leaving: what is left behind. NULL: nothing. The text must stay valid. */
void interrupt_set_last_words(const char *text);

#endif
