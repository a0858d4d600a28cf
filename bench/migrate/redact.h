/* redact: cuts secrets out of what a program was told and what it printed. Any thread; the result is in the arena.
 *
 * Cut are the values of password=…, passwd=…, pwd=…, of p=… as Percona's tools write it, of --password …, -pXXX and of the
 * password in a URI, and every place where the value of PGPASSWORD or MYSQL_PWD stands. Rather too much than too little. */
#ifndef REHEARSE_MIGRATE_REDACT_H
#define REHEARSE_MIGRATE_REDACT_H

#include "bench/base/arena.h"

#define REDACTED "***"

char *redact_text(struct arena *arena, const char *text);

#endif
