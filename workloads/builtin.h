/* builtin: pgbench's built-in scripts, word for word as its manual gives them. */
#ifndef REHEARSE_WORKLOADS_BUILTIN_H
#define REHEARSE_WORKLOADS_BUILTIN_H

const char *builtin_text(const char *name); /* NULL when there is none */
const char *builtin_near(const char *name); /* for "did you mean"; NULL none */

#endif
