#include "bench/base/clock.h"
#include "generators/audit_side.h"

#include <math.h>
#include <string.h>

enum { FEWEST = 10 };

static struct audit_known *know(struct audit_side *side, const struct profile_table *table,
                                const struct profile_column *column)
{
    for (size_t i = 0; i < side->known_count; i++)
        if (side->known[i].column == column)
            return &side->known[i];
    struct audit_known *known = ARENA_PUSH(side->arena, side->known, side->known_count, side->known_capacity);
    const struct profile_table *seen = audit_find(side->server, table);
    side->orders.db = side->db;
    side->orders.arena = side->arena;
    const struct audit_pair pair = {.source = side->profile,
                                    .copy = side->server,
                                    .order = seen != NULL && side->db != NULL ? audit_order : NULL,
                                    .context = &side->orders};
    *known = (struct audit_known){.column = column};
    known->axis = audit_axis(side->arena, &pair, seen != NULL ? seen : table,
                             (const struct profile_column *[]){column, column});
    known->curved = known->axis.ordered && audit_curve_make(side->arena, column, known->axis.atoms[0],
                                                            known->axis.bounds[0], &known->curve);
    return known;
}

/* ---- values by how common they are ---- */

struct taking {
    struct arena *arena;
    struct audit_known *known;
    size_t room;
};

static void take_value(void *context, int result, int columns, const char *const *values)
{
    struct taking *taking = context;
    (void)result;
    if (columns >= 1 && values[0] != NULL && taking->known->rest_count < taking->room)
        taking->known->rest[taking->known->rest_count++] = arena_strdup(taking->arena, values[0]);
}

/* The bounds are rows drawn at random, so that values stand among them as often as they have rows; how many these are the
 * server counts. The outermost are no random ones. */
static const char *count_sql(struct audit_side *side, const struct profile_table *table,
                             const struct profile_column *column)
{
    struct buf sql = {0};
    enum sql_lexis lexis = db_lexis(side->db);
    const char *name = sql_quote(side->arena, lexis, NULL, column->name);
    size_t skip = column->bound_count > FEWEST ? 1 : 0, put = 0;
    buf_printf(&sql, "SELECT %s, count(*) FROM %s WHERE %s IN (", name,
               sql_quote(side->arena, lexis, table->schema, table->name), name);
    for (size_t i = skip; i + skip < column->bound_count; i++) {
        const char *literal = sql_quote_literal(side->arena, lexis, column->bounds[i]);
        if (literal != NULL)
            buf_printf(&sql, "%s%s", put++ > 0 ? ", " : "", literal);
    }
    buf_printf(&sql, ") GROUP BY %s ORDER BY count(*) DESC, %s", name, name);
    const char *text = put > 0 ? arena_strdup(side->arena, buf_text(&sql)) : NULL;
    buf_free(&sql);
    return text;
}

static void count_rest(struct audit_side *side, const struct profile_table *table, struct audit_known *known)
{
    const struct profile_column *column = known->column;
    struct taking taking = {.arena = side->arena, .known = known, .room = column->bound_count};
    if (known->counted)
        return;
    known->counted = true;
    known->rest = arena_alloc(side->arena, (column->bound_count + 1) * sizeof *known->rest);
    const char *sql = count_sql(side, table, column);
    if (sql != NULL)
        db_exec(side->db, sql, clock_ns() + side->statement_timeout_ms * NS_PER_MS, take_value, &taking);
}

static const char *at_share(const char *const *values, size_t count, double share)
{
    size_t at = (size_t)(fmin(fmax(share, 0), 1) * (double)count);
    return count == 0 ? NULL : values[at < count ? at : count - 1];
}

/* Of all rows, the share of the value at this place; NAN unknown. */
static double draw_rest(struct audit_side *side, const struct profile_table *table, struct audit_known *known,
                        double within, const char **literal)
{
    const struct profile_column *column = known->column;
    bool unique = audit_is_unique(column);
    if (unique)
        *literal = at_share(column->bounds, column->bound_count, within);
    else if (side->runs) {
        count_rest(side, table, known);
        *literal = at_share(known->rest, known->rest_count, within);
    }
    return unique && table->rows > 0 ? 1 / table->rows : (double)NAN;
}

static double draw_value(struct audit_side *side, const struct profile_table *table,
                         struct audit_known *known, double *place, bool settle, const char **literal)
{
    const struct profile_column *column = known->column;
    double below = 0, present = 1 - column->null_ratio;
    for (size_t i = 0; present > 0 && i < column->mcv_count; i++) {
        double width = column->mcv[i].share / present;
        bool last = i + 1 == column->mcv_count && column->bound_count == 0;
        if (*place < below + width || last) {
            *literal = column->mcv[i].value;
            *place = settle ? fmin(1, below + width / 2) : *place;
            return column->mcv[i].share;
        }
        below += width;
    }
    return draw_rest(side, table, known, below < 1 ? (*place - below) / (1 - below) : 0, literal);
}

/* ---- ranges ---- */

/* The listed value below which the share of rows is nearest. */
static void draw_bound(const struct audit_known *known, double *place, bool settle, const char **literal)
{
    const struct profile_column *column = known->column;
    double nearest = INFINITY, found = *place;
    for (size_t i = 0; i < column->mcv_count + column->bound_count; i++) {
        bool atom = i < column->mcv_count;
        size_t at = atom ? i : i - column->mcv_count;
        double below = audit_curve_at(&known->curve,
                                      atom ? known->axis.atoms[0][at] : known->axis.bounds[0][at], false);
        if (fabs(below - *place) >= nearest)
            continue;
        nearest = fabs(below - *place);
        found = below;
        *literal = atom ? column->mcv[at].value : column->bounds[at];
    }
    *place = settle ? found : *place;
}

static bool draw_range(const struct audit_known *known, struct audit_predicate *predicate, bool settle,
                       struct audit_drawn *drawn)
{
    const double present = 1 - known->column->null_ratio;
    if (!known->curved)
        return false;
    for (size_t i = 0; i < predicate->place_count; i++)
        draw_bound(known, &predicate->places[i], settle, &drawn->literals[i]);
    double low = predicate->operator== AUDIT_BELOW ? 0 : predicate->places[0];
    double high = predicate->operator== AUDIT_BELOW     ? predicate->places[0]
                  : predicate->operator== AUDIT_BETWEEN ? predicate->places[1]
                                                        : 1;
    drawn->share = (high - low) * present;
    return drawn->literals[0] != NULL && (!settle || high - low > 0.001);
}

bool audit_draw(struct audit_side *side, const struct profile_table *table,
                const struct profile_column *column, struct audit_predicate *predicate, bool settle,
                struct audit_drawn *drawn)
{
    *drawn = (struct audit_drawn){.share = 0};
    if (predicate->operator== AUDIT_IS_NULL) {
        drawn->share = column->null_ratio;
        return true;
    }
    if (column->mcv_count + column->bound_count == 0)
        return false;
    struct audit_known *known = know(side, table, column);
    if (predicate->operator!= AUDIT_EQUAL && predicate->operator!= AUDIT_ANY)
        return draw_range(known, predicate, settle, drawn);
    for (size_t i = 0; i < predicate->place_count; i++) {
        drawn->share += draw_value(side, table, known, &predicate->places[i], settle, &drawn->literals[i]);
        if (side->runs && drawn->literals[i] == NULL)
            return false;
    }
    return true;
}
