/* render_order: common values in the server's sort order. Private to render*.c. */
#ifndef REHEARSE_GENERATORS_RENDER_ORDER_H
#define REHEARSE_GENERATORS_RENDER_ORDER_H

#include "generators/render_kind.h"

/* Values at the same place, as all are where no bounds are known, are moved apart by next to nothing, in their order. */
void render_order_atoms(const struct render_ask *ask, struct render *render);

#endif
