#include "bench/sandbox/sandbox_replica.h"

bool sandbox_replica_make(struct arena *arena, struct sandbox_instance *primary,
                          struct sandbox_instance *replica, struct err *err)
{
    *replica = *primary;
    replica->pid = 0;
    replica->kept = arena_printf(arena, "%s/kept2", primary->site.directory);
    replica->site.data = arena_printf(arena, "%s/data2", primary->site.directory);
    replica->site.log = arena_printf(arena, "%s/log2", primary->site.directory);
    replica->site.follower = true;
    return sandbox_instance_copy(primary, primary->site.data, replica->site.data, err) &&
           primary->engine->follow(&primary->site, &replica->site, err);
}
