#include "bench/base/rng.h"
#include "generators/ordered.h"
#include "generators/profiled.h"
#include "generators/tie_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which columns of a table are tied, and which of two leads. Told by statistics of several columns (dependencies, numbers of
 * different pairs, common pairs), by indexes that count pairs, and by the plan. The ties of a table are a forest: a column is
 * led by one other alone, and the strongest ties to the coarsest columns come first, so that what follows from others is left
 * out: postal code → town → country. */

/* ---- columns ---- */

static bool is_unclaimed(const struct recipe *recipe)
{
    return recipe->source == RECIPE_PROFILED && recipe->joint == NULL && recipe->follow == NULL &&
           !recipe->unique && !recipe->leads && recipe->distribution != NULL;
}

static bool may_lead(const struct reference *reference)
{
    return reference->mode == REFERENCE_PROFILED && reference->follow == NULL && !reference->self &&
           reference->nulls == NULL && reference->fan_out != NULL && reference->key->column_count == 1;
}

static void read_end(const struct finding *f, size_t column)
{
    struct end *end = &f->ends[column];
    struct recipe *recipe = &f->maker->recipes[column];
    const struct profile_column *statistics = recipe->column->statistics;
    *end = (struct end){.recipe = recipe, .part = column};
    if (recipe->source == RECIPE_REFERENCE && may_lead(recipe->reference)) {
        end->distribution = recipe->reference->fan_out;
        end->fixed = true;
    } else if (is_unclaimed(recipe) &&
               (recipe->column->rule == NULL || recipe->column->rule->kind == RULE_FOLLOWS)) {
        end->distribution = recipe->distribution;
    }
    if (end->distribution == NULL || statistics == NULL ||
        distribution_rows(end->distribution) != f->maker->rows) {
        end->distribution = NULL;
        return;
    }
    double rest = 1 - statistics->null_ratio;
    end->distinct = (double)distribution_distinct(end->distribution) + (statistics->null_ratio > 0);
    end->known = statistics->distinct > 0 ? statistics->distinct + (statistics->null_ratio > 0)
                                          : end->distinct;
    end->alike = statistics->null_ratio * statistics->null_ratio;
    for (size_t i = 0; i < statistics->mcv_count; i++) {
        end->alike += statistics->mcv[i].share * statistics->mcv[i].share;
        rest -= statistics->mcv[i].share;
    }
    if (isfinite(statistics->correlation))
        end->order = copysign(fmax(0, fabs(statistics->correlation) - end->alike), statistics->correlation);
    end->alike += fmax(0, rest) * fmax(0, rest) / fmax(1, end->distinct - (double)statistics->mcv_count);
}

/* SIZE_MAX: it is not here, or cannot be tied. */
static size_t column_called(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->maker->table->column_count; i++)
        if (strcmp(f->maker->table->columns[i].name, name) == 0)
            return f->ends[i].distribution != NULL ? i : SIZE_MAX;
    return SIZE_MAX;
}

/* ---- what is known of two columns ---- */

static struct link *link_of(struct finding *f, size_t a, size_t b)
{
    if (a == SIZE_MAX || b == SIZE_MAX || a == b)
        return NULL;
    for (size_t i = 0; i < f->link_count; i++)
        if ((f->links[i].fine == a && f->links[i].coarse == b) ||
            (f->links[i].fine == b && f->links[i].coarse == a))
            return &f->links[i];
    bool swap = f->ends[b].distinct > f->ends[a].distinct ||
                (f->ends[b].distinct >= f->ends[a].distinct && b < a);
    struct link *link = ARENA_PUSH(f->arena, f->links, f->link_count, f->link_capacity);
    *link = (struct link){.fine = swap ? b : a, .coarse = swap ? a : b, .degrees = {NAN, NAN}};
    return link;
}

static void read_group(struct finding *f, const struct profile_group *group)
{
    const struct profile_column *columns = f->source->columns;
    for (size_t i = 0; i < group->dependency_count; i++) {
        const struct profile_dependency *dependency = &group->dependencies[i];
        size_t from = dependency->from_count == 1 ? column_called(f, columns[dependency->from[0]].name)
                                                  : SIZE_MAX;
        struct link *link = link_of(f, from, column_called(f, columns[dependency->to].name));
        if (link != NULL)
            link->degrees[link->fine != from] = dependency->degree;
    }
    for (size_t i = 0; i < group->column_count; i++)
        for (size_t j = 0; j < i; j++) {
            if (group->mcv_count == 0 && group->column_count > 2)
                continue;
            struct link *link = link_of(f, column_called(f, columns[group->columns[i]].name),
                                        column_called(f, columns[group->columns[j]].name));
            if (link != NULL && group->column_count == 2 && group->distinct > 0)
                link->distinct = group->distinct;
            if (link != NULL && group->mcv_count > 0)
                link->group = group;
        }
}

/* An index of two columns counts their pairs: where the server counts prefixes, of longer ones too, else by its size. */
static void read_index(struct finding *f, const struct profile_index *index)
{
    if (index->column_count < 2 || index->unique || index->partial || index->columns[0] < 0 ||
        index->columns[1] < 0)
        return;
    struct link *link = link_of(f, column_called(f, f->source->columns[index->columns[0]].name),
                                column_called(f, f->source->columns[index->columns[1]].name));
    double pairs = link == NULL ? 0 : tie_pairs_of_index(f, link, index);
    if (pairs <= 0 || link->distinct > 0)
        return;
    link->distinct = pairs;
    link->counted = true;
}

static const struct catalogue_rule *follows(const struct finding *f, size_t column)
{
    const struct catalogue_rule *rule = f->maker->table->columns[column].rule;
    return rule != NULL && rule->kind == RULE_FOLLOWS ? rule : NULL;
}

/* Where one column's values are never above the other's, the smallest of both may always stand in one row, and so on. */
static void read_orders(struct finding *f)
{
    static const double few = 0.02;
    for (size_t i = 0; i < f->maker->table->column_count; i++) {
        const struct ordered *ordered = f->maker->recipes[i].ordered;
        if (ordered == NULL || ordered->columns[0] != i)
            continue;
        for (size_t j = 1; j < ordered->count; j++) {
            size_t low = ordered->columns[j - 1], high = ordered->columns[j];
            bool known = f->ends[low].distribution != NULL && f->ends[high].distribution != NULL;
            struct link *link = known ? link_of(f, low, high) : NULL;
            if (link != NULL && !link->told &&
                ordered_wrong(ordered, &f->maker->recipes[low], &f->maker->recipes[high]) > few)
                link->kept = link->ordered = true;
        }
    }
}

/* It would follow itself. */
static bool in_circle(const struct finding *f, const struct link *link, struct err *err)
{
    const struct catalogue_column *columns = f->maker->table->columns;
    const struct catalogue_rule *rule = columns[link->coarse].rule;
    return err_at(err, rule->file, rule->line, rule->place,
                  "table %s, column %s: it goes with %s already, as the plan says", f->maker->table->name,
                  columns[link->coarse].name, columns[link->fine].name);
}

static bool read_rules(struct finding *f, struct err *err)
{
    const struct catalogue_column *columns = f->maker->table->columns;
    for (size_t i = 0; i < f->maker->table->column_count; i++) {
        const struct catalogue_rule *rule = follows(f, i);
        if (rule == NULL)
            continue;
        size_t untied = f->ends[i].distribution == NULL ? i : rule->other;
        if (f->ends[untied].distribution == NULL) {
            err_at(err, rule->file, rule->line, rule->place, "table %s, column %s: it cannot follow %s",
                   f->maker->table->name, columns[i].name, columns[rule->other].name);
            return err_hint(err, "both need statistics (data.profile), and %s has none or belongs to a key",
                            columns[untied].name);
        }
        struct link *link = link_of(f, rule->other, i);
        if (link->told)
            return in_circle(f, link, err);
        *link = (struct link){
            .fine = rule->other, .coarse = i, .degree = rule->share, .told = true, .kept = true};
    }
    return true;
}

static bool all_rules_kept(const struct finding *f, struct err *err)
{
    for (size_t i = 0; i < f->link_count; i++)
        if (f->links[i].told && !f->links[i].kept)
            return in_circle(f, &f->links[i], err);
    return true;
}

/* ---- the forest ---- */

static size_t part_of(const struct finding *f, size_t column)
{
    while (f->ends[column].part != column)
        column = f->ends[column].part;
    return column;
}

struct ranked {
    bool told, strong;
    double distinct;
    size_t link;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->told != y->told || x->strong != y->strong)
        return x->told != y->told ? y->told - x->told : y->strong - x->strong;
    if (x->distinct < y->distinct || x->distinct > y->distinct)
        return x->distinct < y->distinct ? -1 : 1;
    return (x->link > y->link) - (x->link < y->link);
}

static void choose_links(struct finding *f)
{
    struct ranked *ranked = arena_alloc(f->arena, (f->link_count + 1) * sizeof *ranked);
    for (size_t i = 0; i < f->link_count; i++) {
        const struct link *link = &f->links[i];
        ranked[i] = (struct ranked){link->told || link->ordered, link->degree > 0.8,
                                    f->ends[link->fine].distinct, i};
    }
    qsort(ranked, f->link_count, sizeof *ranked, by_rank);
    for (size_t i = 0; i < f->link_count; i++) {
        struct link *link = &f->links[ranked[i].link];
        size_t fine = part_of(f, link->fine), coarse = part_of(f, link->coarse);
        link->kept = link->kept && fine != coarse &&
                     !(f->ends[link->fine].fixed && f->ends[link->coarse].fixed);
        if (link->kept)
            f->ends[fine].part = coarse;
    }
}

static size_t literal_at(const struct profile_column *statistics, const char *literal)
{
    size_t at = 0;
    while (at < statistics->mcv_count && strcmp(statistics->mcv[at].value, literal) != 0)
        at++;
    return at;
}

/* The atom of one column of a common combination; below TIE_NULL: it is none of the column's. */
static int64_t atom_of(const struct finding *f, const struct profile_group *group, size_t at, size_t column)
{
    const struct profile_column *statistics = f->ends[column].recipe->column->statistics;
    size_t position = 0;
    while (position < group->column_count && strcmp(f->source->columns[group->columns[position]].name,
                                                    f->maker->table->columns[column].name) != 0)
        position++;
    if (position == group->column_count || f->ends[column].fixed)
        return TIE_NULL - 1;
    const char *literal = group->mcv[at].values[position];
    size_t atom = literal == NULL ? 0 : literal_at(statistics, literal);
    return literal == NULL ? TIE_NULL : atom < statistics->mcv_count ? (int64_t)atom : TIE_NULL - 1;
}

static int by_falling_share(const void *a, const void *b)
{
    const struct tie_pair *x = a, *y = b;
    if (x->share < y->share || x->share > y->share)
        return x->share > y->share ? -1 : 1;
    return x->fine != y->fine ? (x->fine < y->fine ? -1 : 1)
                              : (x->coarse > y->coarse) - (x->coarse < y->coarse);
}

/* Of a combination of three and more columns, as much of it as these two have. */
static void list_pairs(const struct finding *f, const struct link *link, struct tie_spec *spec)
{
    const struct profile_group *group = link->group;
    struct tie_pair *pairs = arena_alloc(f->arena,
                                         ((group != NULL ? group->mcv_count : 0) + 1) * sizeof *pairs);
    for (size_t i = 0; group != NULL && i < group->mcv_count; i++) {
        int64_t fine = atom_of(f, group, i, link->fine), coarse = atom_of(f, group, i, link->coarse);
        size_t at = 0;
        while (at < spec->pair_count && (pairs[at].fine != fine || pairs[at].coarse != coarse))
            at++;
        if (fine < TIE_NULL || coarse < TIE_NULL)
            continue;
        if (at == spec->pair_count)
            pairs[spec->pair_count++] = (struct tie_pair){fine, coarse, 0};
        pairs[at].share += group->mcv[i].share;
    }
    qsort(pairs, spec->pair_count, sizeof *pairs, by_falling_share);
    spec->pairs = pairs;
}

static void lead(const struct finding *f, const struct link *link, size_t leader, size_t led)
{
    const struct end *fine = &f->ends[link->fine], *coarse = &f->ends[link->coarse];
    struct tie_spec spec = {.stream = rng_hash(f->ends[led].recipe->stream, 30, 0),
                            .fine = fine->distribution,
                            .coarse = coarse->distribution,
                            .fine_leads = leader == link->fine,
                            .ordered = link->ordered || (!link->told && fabs(fine->order) > TIE_IN_ORDER &&
                                                         fabs(coarse->order) > TIE_IN_ORDER),
                            .turned = !link->ordered && (fine->order < 0) != (coarse->order < 0),
                            .degree = link->degree,
                            .distinct = link->distinct};
    if (!spec.ordered)
        list_pairs(f, link, &spec);
    f->ends[led].recipe->tie = tie_make(f->arena, &spec);
    f->ends[led].recipe->tied_to = f->ends[leader].recipe;
}

/* From each column that leads to those that it leads, and on. */
static void reach(const struct finding *f, size_t leader)
{
    f->ends[leader].reached = true;
    for (size_t i = 0; i < f->link_count; i++) {
        const struct link *link = &f->links[i];
        if (!link->kept || (link->fine != leader && link->coarse != leader))
            continue;
        size_t led = link->fine == leader ? link->coarse : link->fine;
        if (f->ends[led].reached || f->ends[led].fixed)
            continue;
        lead(f, link, leader, led);
        reach(f, led);
    }
}

/* Columns made by others lead first, then those in the order of the rows, then those with most values. */
static size_t next_leader(const struct finding *f)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < f->maker->table->column_count; i++) {
        const struct end *end = &f->ends[i], *than = best == SIZE_MAX ? NULL : &f->ends[best];
        if (end->reached || end->distribution == NULL)
            continue;
        bool tidy = fabs(end->order) > TIE_IN_ORDER,
             as_tidy = than != NULL && (fabs(than->order) > TIE_IN_ORDER) == tidy;
        if (than == NULL || end->fixed > than->fixed ||
            (end->fixed == than->fixed &&
             (tidy > (fabs(than->order) > TIE_IN_ORDER) || (as_tidy && end->distinct > than->distinct))))
            best = i;
    }
    return best;
}

bool ties_make(struct arena *arena, struct row_maker *maker, struct err *err)
{
    static const struct profile_table unknown = {.name = ""};
    struct finding f = {.arena = arena, .maker = maker, .source = maker->table->profile};
    if (f.source == NULL)
        f.source = &unknown;
    f.ends = arena_alloc(arena, (maker->table->column_count + 1) * sizeof *f.ends);
    for (size_t i = 0; i < maker->table->column_count; i++)
        read_end(&f, i);
    for (size_t i = 0; i < f.source->group_count; i++)
        read_group(&f, &f.source->groups[i]);
    for (size_t i = 0; i < f.source->index_count; i++)
        read_index(&f, &f.source->indexes[i]);
    if (!read_rules(&f, err))
        return false;
    read_orders(&f);
    for (size_t i = 0; i < f.link_count; i++)
        tie_judge(&f, &f.links[i]);
    choose_links(&f);
    if (!all_rules_kept(&f, err))
        return false;
    for (size_t leader; f.link_count > 0 && (leader = next_leader(&f)) != SIZE_MAX;)
        reach(&f, leader);
    return true;
}

int64_t tied_place(const struct recipe *recipe, int64_t row)
{
    if (recipe->tie != NULL)
        return tie_place(recipe->tie, tied_place(recipe->tied_to, row));
    return distribution_place(
        recipe->source == RECIPE_REFERENCE ? recipe->reference->fan_out : recipe->distribution, row);
}
