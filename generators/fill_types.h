/* fill_types: columns that no values can be made of. Private to fill*.c. */
#ifndef REHEARSE_GENERATORS_FILL_TYPES_H
#define REHEARSE_GENERATORS_FILL_TYPES_H

#include "generators/fill_parts.h"

/* False: there are some; the error names all of them, with what the plan can say of each. */
bool fill_types_known(struct fill *fill);

#endif
