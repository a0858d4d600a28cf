#include "generators/distinct_leaves.h"

#include <math.h>

static const double inner_bytes = 5691, line_pointer = 4, header = 8, row_pointer = 6, longest = 808;

static double aligned(double bytes)
{
    return ceil(bytes / 8) * 8;
}

/* Bytes of a leaf of such items. A page ends before an item that would leave less than a tenth of it free, but for the row
 * pointers of the item before; or before one that does not fit. The last one goes to the next page. */
static double leaf_bytes(const struct distinct_leaves *leaves, double item)
{
    static const double ninth = 7329, fitting = 8148, long_item = 400, full = 7308;
    double list = item - leaves->tuple;
    if (list <= long_item)
        return ninth + (list - leaves->tuple) / 2;
    double turn = ninth + (long_item - leaves->tuple) / 2, end = fitting - 1.5 * longest + 50;
    return item >= longest ? full : turn + (end - turn) * (list - long_item) / (longest - long_item);
}

static double pages_of_item(const struct distinct_leaves *leaves, double item)
{
    return (item + line_pointer) / leaf_bytes(leaves, item);
}

/* Less than a full list: a whole number of rows, or about so many. */
static double pages_of_rest(const struct distinct_leaves *leaves, double rows)
{
    if (rows <= 0)
        return 0;
    bool whole = rows == floor(rows);
    double list = rows > 1 ? rows * row_pointer : 0, item = leaves->tuple + list;
    return pages_of_item(leaves, whole ? aligned(item) : item + 3);
}

static double pages_of(const struct distinct_leaves *leaves, double rows)
{
    double full = floor(rows / leaves->list_rows);
    return full * leaves->list_pages + pages_of_rest(leaves, rows - full * leaves->list_rows);
}

struct distinct_leaves distinct_leaves_make(double key_bytes)
{
    struct distinct_leaves leaves = {.tuple = aligned(header + fmin(600, key_bytes))};
    leaves.list_rows = floor((longest - leaves.tuple) / row_pointer);
    leaves.list_pages = pages_of_item(&leaves, longest);
    for (int i = 0; i < LEAVES_FEW; i++)
        leaves.few[i] = pages_of(&leaves, i);
    return leaves;
}

static void add_drawn(struct distinct_leaves *leaves, double expected, double keys)
{
    double chance = exp(-expected);
    for (int rows = 1; rows < LEAVES_FEW; rows++) {
        chance *= expected / rows;
        leaves->pages += keys * chance * leaves->few[rows];
        if (rows > expected && chance < 1e-9)
            return;
    }
}

void distinct_leaves_add(struct distinct_leaves *leaves, double rows_each, double keys, bool drawn)
{
    double whole = floor(rows_each), part = rows_each - whole;
    if (drawn && rows_each < LEAVES_FEW / 3.0)
        add_drawn(leaves, rows_each, keys);
    else if (drawn || whole >= LEAVES_FEW - 1)
        leaves->pages += keys * pages_of(leaves, rows_each);
    else
        leaves->pages += keys * ((1 - part) * leaves->few[(int)whole] + part * leaves->few[(int)whole + 1]);
}

double distinct_leaves_pages(const struct distinct_leaves *leaves)
{
    double fan_out = fmax(2, inner_bytes / (leaves->tuple + line_pointer));
    return leaves->pages * (1 + 1 / (fan_out - 1)) + 2; /* the last one of each level is half full */
}
