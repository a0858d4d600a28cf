/* audit: scores of profiles made by hand. Right: a profile against itself is 1 in everything, each fault moves the measure that
 * is about it by as much as was put in and lowers the score, and the column that has it is the worst. */
#include "generators/audit.h"
#include "generators/fill.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

enum { BOUNDS = 101 };

static struct profile_column column(const char *name, const char *base)
{
    return (struct profile_column){.name = name,
                                   .type = base,
                                   .base = base,
                                   .values = PROFILE_KEPT,
                                   .width_bytes = 8,
                                   .distinct_ratio = NAN,
                                   .correlation = NAN};
}

/* Numbers from low to high at even steps; shares of `atoms` common values fall from first by thirds. */
static struct profile_column numbers(const char *name, double low, double high, size_t atoms, double first)
{
    struct profile_column c = column(name, "int4");
    c.mcv = arena_alloc(&arena, (atoms + 1) * sizeof *c.mcv);
    for (size_t i = 0; i < atoms; i++, first *= 2.0 / 3)
        c.mcv[i] = (struct profile_atom){first, arena_printf(&arena, "%zu", 7 + 13 * i)};
    c.mcv_count = atoms;
    c.bounds = arena_alloc(&arena, BOUNDS * sizeof *c.bounds);
    for (size_t i = 0; i < BOUNDS; i++)
        c.bounds[i] = arena_printf(&arena, "%.0f", low + (high - low) * (double)i / (BOUNDS - 1));
    c.bound_count = BOUNDS;
    c.distinct = 4000;
    c.distinct_reported = 3000;
    c.correlation = 0.9;
    return c;
}

static struct profile_column words(const char *name)
{
    struct profile_column c = column(name, "text");
    c.bounds = arena_alloc(&arena, BOUNDS * sizeof *c.bounds);
    for (size_t i = 0; i < BOUNDS; i++)
        c.bounds[i] = arena_printf(&arena, "word%03zu", 2 * i);
    c.bound_count = BOUNDS;
    c.null_ratio = 0.25;
    c.distinct = 5000;
    c.distinct_reported = -0.05;
    return c;
}

static struct profile *shop(void)
{
    struct profile *p = arena_alloc(&arena, sizeof *p);
    p->engine = "postgresql";
    p->lexis = SQL_POSTGRES;
    p->table_count = 2;
    p->tables = arena_alloc(&arena, 2 * sizeof *p->tables);
    struct profile_table *orders = &p->tables[0], *users = &p->tables[1];
    *orders = (struct profile_table){.schema = "public",
                                     .name = "orders",
                                     .kind = "",
                                     .rows = 100000,
                                     .sample_rows = 30000,
                                     .pages = 700,
                                     .analyzed = true,
                                     .column_count = 3};
    orders->columns = arena_alloc(&arena, 3 * sizeof *orders->columns);
    orders->columns[0] = numbers("user_id", 1, 50000, 0, 0);
    orders->columns[1] = numbers("amount", 0, 9000, 4, 0.2);
    orders->columns[2] = words("note");
    orders->reference_count = 1;
    orders->references = arena_alloc(&arena, sizeof *orders->references);
    orders->references[0] = (struct profile_reference){
        .name = "orders_user", .column_count = 1, .parent = 1, .count_count = 3};
    orders->references[0].columns = arena_alloc(&arena, sizeof(size_t));
    orders->references[0].counts = arena_alloc(&arena, 3 * sizeof *orders->references[0].counts);
    orders->references[0].counts[0] = (struct profile_count){0, 1000};
    orders->references[0].counts[1] = (struct profile_count){1, 2000};
    orders->references[0].counts[2] = (struct profile_count){98, 1000};
    orders->index_count = 1;
    orders->indexes = arena_alloc(&arena, sizeof *orders->indexes);
    orders->indexes[0] = (struct profile_index){.name = "orders_user_id_idx",
                                                .method = "btree",
                                                .columns = arena_alloc(&arena, sizeof(int)),
                                                .column_count = 1,
                                                .pages = 96,
                                                .rows = 100000,
                                                .deduplicated = true};
    *users = (struct profile_table){
        .schema = "public", .name = "users", .kind = "", .rows = 4000, .pages = 10, .analyzed = true};
    users->columns = arena_alloc(&arena, sizeof *users->columns);
    users->columns[0] = column("id", "int4");
    users->columns[0].distinct = 4000;
    users->columns[0].distinct_reported = -1;
    users->columns[0].correlation = 1;
    users->column_count = 1;
    return p;
}

static const struct audit_sheet *sheet_of(const struct profile *source, const struct profile *copy)
{
    const struct audit_pair pair = {.source = source, .copy = copy};
    return audit_sheet(&arena, &pair, NULL);
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void test_a_profile_is_like_itself(void **state)
{
    (void)state;
    const struct audit_sheet *sheet = sheet_of(shop(), shop());
    for (int m = 0; m < AUDIT_METRICS; m++)
        if (fabs(sheet->is.of[m] - audit_limits[m].ideal) > 1e-9)
            fail_msg("%s is %g", audit_limits[m].name, sheet->is.of[m]);
    assert_true(sheet->score == 1 && sheet->tables[0].score == 1 && sheet->tables[1].score == 1);
    assert_null(sheet->worst);
    assert_true(audit_passes(sheet));
}

static void near(double found, double wanted)
{
    if (!(fabs(found - wanted) < 1e-6))
        fail_msg("%.9f, not %.9f", found, wanted);
}

/* Each fault alone: the measure, and everything else as before. */
static void check(const char *what, const struct profile *copy, enum audit_metric metric, double wanted,
                  const char *worst)
{
    const struct audit_sheet *sheet = sheet_of(shop(), copy);
    print_message("%s: %s %.4f, score %.3f\n", what, audit_limits[metric].name, sheet->is.of[metric],
                  sheet->score);
    near(sheet->is.of[metric], wanted);
    assert_true(sheet->score < 1 && sheet->score > 0 && !audit_passes(sheet));
    assert_non_null(sheet->worst);
    assert_string_equal(sheet->worst->name, "orders");
    if (worst != NULL)
        assert_string_equal(sheet->worst->worst->name, worst);
    for (int m = 0; m < AUDIT_METRICS; m++)
        if (m != (int)metric && m != AUDIT_HISTOGRAM && m != AUDIT_REPORTED)
            near(sheet->is.of[m], audit_limits[m].ideal);
}

static void test_each_fault_is_seen(void **state)
{
    (void)state;
    struct profile *copy = shop();
    copy->tables[0].columns[1].correlation = 0.6;
    check("another order", copy, AUDIT_CORRELATION, 0.3 / 3, "amount"); /* of three that have one */
    copy = shop();
    copy->tables[0].columns[0].distinct = 2000;
    check("half as many values", copy, AUDIT_DISTINCT, pow(2, 1.0 / 4), "user_id");
    copy = shop();
    copy->tables[0].columns[1].mcv[0].share -= 0.06;
    copy->tables[0].columns[1].mcv[3].share += 0.06;
    check("moved mass", copy, AUDIT_MCV, 0.06, "amount");
    copy = shop();
    copy->tables[0].columns[2].null_ratio = 0.3;
    check("more nulls", copy, AUDIT_NULLS, 0.05, "note");
    copy = shop();
    copy->tables[0].columns[2].width_bytes = 12;
    check("wider", copy, AUDIT_WIDTH, 0.5 / 4, "note");
    copy = shop();
    copy->tables[0].references[0].counts[0].values = 2000;
    copy->tables[0].references[0].counts[1].values = 1000;
    check("fewer parents", copy, AUDIT_FANOUT, 0.25, NULL);
    copy = shop();
    copy->tables[0].pages = 770;
    check("more pages", copy, AUDIT_HEAP_PAGES, 1.1, NULL);
    copy = shop();
    copy->tables[0].indexes[0].pages = 72;
    check("a smaller index", copy, AUDIT_INDEX_PAGES, 0.75, NULL);
}

static void test_histograms(void **state)
{
    (void)state;
    struct profile *source = shop(), *copy = shop();
    copy->tables[0].columns[0] = numbers("user_id", 1, 25000.5, 0, 0); /* all in the lower half */
    near(sheet_of(source, copy)->tables[0].columns[0].is.of[AUDIT_HISTOGRAM], 0.5);
    /* Texts have ranks only: a bound of one lies between two of the other. */
    copy = shop();
    for (size_t i = 0; i < BOUNDS; i++)
        copy->tables[0].columns[2].bounds[i] = arena_printf(&arena, "word%03zu", 2 * i + 1);
    double shifted = sheet_of(source, copy)->tables[0].columns[2].is.of[AUDIT_HISTOGRAM];
    assert_true(shifted > 0 && shifted <= 0.0101);
    for (size_t i = 0; i < BOUNDS; i++)
        copy->tables[0].columns[2].bounds[i] = arena_printf(&arena, "word%03zu", 100 + i);
    double moved = sheet_of(source, copy)->tables[0].columns[2].is.of[AUDIT_HISTOGRAM];
    assert_true(fabs(moved - 0.5) < 0.02);
    /* Lists that no byte order explains, and nobody to ask: not measured, rather than measured wrongly. */
    copy->tables[0].columns[2].bounds[5] = "a";
    assert_true(isnan(sheet_of(source, copy)->tables[0].columns[2].is.of[AUDIT_HISTOGRAM]));
}

/* A value of the list's end that the other list leaves out may be as common there as its rarest. */
static void test_lists_that_end_elsewhere(void **state)
{
    (void)state;
    struct profile *copy = shop();
    struct profile_column *amount = &copy->tables[0].columns[1];
    double rarest = amount->mcv[2].share, left_out = amount->mcv[3].share;
    assert_true(left_out < rarest);
    amount->mcv_count = 3;
    near(sheet_of(shop(), copy)->tables[0].columns[1].is.of[AUDIT_MCV], 0);
    amount->mcv_count = 0; /* no value is common: all of the list moved */
    near(sheet_of(shop(), copy)->tables[0].columns[1].is.of[AUDIT_MCV],
         0.2 * (1 + 2.0 / 3 + 4.0 / 9 + 8.0 / 27) / 2);
}

static void test_noise_widens_limits(void **state)
{
    (void)state;
    struct profile *copy = shop(), *again = shop();
    copy->tables[0].columns[1].correlation = 0.9 - 0.12;          /* mean 0.04 */
    again->tables[0].columns[1].correlation = 0.9 - 0.12 - 0.075; /* mean 0.025 */
    const struct audit_sheet *noise = sheet_of(copy, again);
    const struct audit_pair pair = {.source = shop(), .copy = copy};
    const struct audit_sheet *alone = audit_sheet(&arena, &pair, NULL),
                             *with = audit_sheet(&arena, &pair, noise);
    assert_true(!audit_passes(alone) && alone->score < 1);
    assert_true(audit_passes(with) && with->score == 1);
}

/* Statistics of few rows tell little: what is off there is no fault, and hides none elsewhere. */
static void test_small_tables_weigh_little(void **state)
{
    (void)state;
    struct profile *source = shop(), *copy = shop();
    for (int s = 0; s < 2; s++) {
        struct profile *side = s == 0 ? source : copy;
        side->tables[1].rows = 300;
        side->tables[1].columns[0] = numbers("id", 1, s == 0 ? 300 : 280, 0, 0);
        side->tables[1].columns[0].distinct = 300;
    }
    copy->tables[1].columns[0].correlation = 0.87;
    const struct audit_sheet *sheet = sheet_of(source, copy);
    assert_true(sheet->tables[1].is.of[AUDIT_HISTOGRAM] > 0.03 && sheet->tables[1].score == 1);
    assert_true(sheet->is.of[AUDIT_HISTOGRAM] < 0.005 && audit_passes(sheet));
    /* The same in a large table is a fault, in the small one's company too. */
    copy->tables[0].columns[0] = numbers("user_id", 1, 46000, 0, 0);
    sheet = sheet_of(source, copy);
    assert_true(sheet->is.of[AUDIT_HISTOGRAM] > 0.02 && !audit_passes(sheet));
    assert_string_equal(sheet->worst->worst->name, "user_id");
    /* Five rows have no order worth a word. */
    source->tables[1].rows = copy->tables[1].rows = 5;
    source->tables[1].columns[0].correlation = -1;
    assert_true(isnan(sheet_of(source, copy)->tables[1].columns[0].is.of[AUDIT_CORRELATION]));
}

/* Noise as theory has it: half of all nulls drawn twice, 30,000 rows each. */
static void test_noise_of_samples(void **state)
{
    (void)state;
    struct profile *source = shop();
    source->tables[0].columns[2].null_ratio = 0.5;
    const struct audit_sheet *sheet = sheet_of(source, source);
    near(sheet->tables[0].columns[2].is.noise[AUDIT_NULLS], 0.5 * sqrt(2 / 30000.0));
    near(sheet->tables[0].columns[0].is.noise[AUDIT_HISTOGRAM], 0.8687 * sqrt(2 / 30000.0));
    assert_true(isnan(sheet->tables[0].is.noise[AUDIT_HEAP_PAGES]));
}

static void test_what_the_plan_gives_is_left_out(void **state)
{
    static const struct fill_column_spec amount = {.table = "orders", .name = "amount"};
    (void)state;
    struct profile *source = shop(), *copy = shop();
    copy->tables[0].columns[1].correlation = 0;
    copy->tables[0].columns[1].distinct = 1;
    struct audit_pair pair = {.source = source, .copy = copy, .given = {&amount, 1}};
    const struct audit_sheet *sheet = audit_sheet(&arena, &pair, NULL);
    assert_true(sheet->score == 1 && audit_passes(sheet) && sheet->tables[0].columns[1].given);
    assert_true(isnan(sheet->tables[0].columns[1].score));
    pair.given.count = 0;
    assert_true(audit_sheet(&arena, &pair, NULL)->score < 1);
}

/* Ranges are reported as all different, whatever they hold. A least and a greatest value are no histogram. */
static void test_what_statistics_do_not_tell(void **state)
{
    (void)state;
    struct profile *source = shop(), *copy = shop();
    source->tables[0].columns[0].base = copy->tables[0].columns[0].base = "int4range";
    copy->tables[0].columns[0].distinct = copy->tables[0].columns[0].distinct_reported = 10;
    copy->tables[0].columns[2].bound_count = 2;
    const struct audit_sheet *sheet = sheet_of(source, copy);
    assert_true(isnan(sheet->tables[0].columns[0].is.of[AUDIT_DISTINCT]));
    assert_true(isnan(sheet->tables[0].columns[0].is.of[AUDIT_REPORTED]));
    assert_true(isnan(sheet->tables[0].columns[2].is.of[AUDIT_HISTOGRAM]));
}

/* However many keys a table has, they tell once in what order its rows lie. */
static void test_keys_are_in_one_order(void **state)
{
    (void)state;
    struct profile *source = shop(), *copy = shop();
    for (size_t c = 0; c < 2; c++) {
        source->tables[0].columns[c].distinct_by = "unique";
        copy->tables[0].columns[c].correlation = 0.5 - 0.1 * (double)c;
    }
    const struct audit_sheet *sheet = sheet_of(source, copy);
    assert_true(isnan(sheet->tables[0].columns[0].is.of[AUDIT_CORRELATION]));
    near(sheet->tables[0].columns[1].is.of[AUDIT_CORRELATION], 0.5);
}

static void test_controls_score_lower(void **state)
{
    (void)state;
    const struct profile *source = shop();
    double last = sheet_of(source, source)->score;
    for (int s = 0; s < AUDIT_SABOTAGES; s++) {
        const struct audit_sheet *sheet = sheet_of(source,
                                                   audit_spoil(&arena, source, (enum audit_sabotage)s));
        print_message("%s: %.3f\n", audit_sabotages[s], sheet->score);
        assert_true(sheet->score < last - 0.05 && !audit_passes(sheet));
    }
    const struct audit_sheet *naive = sheet_of(source, audit_naive(&arena, source));
    assert_true(naive->score < 0.95);
    near(naive->tables[0].columns[0].is.of[AUDIT_DISTINCT], 4000.0 / 3000);
    near(naive->tables[0].columns[0].is.of[AUDIT_CORRELATION], 0.9);
    near(naive->is.of[AUDIT_FANOUT], 0.5); /* 3,000 parents with 33 children each */
    /* Spoiling twice is worse than once. */
    const struct profile *twice = audit_spoil(&arena, audit_spoil(&arena, source, AUDIT_MOVED), AUDIT_HALVED);
    assert_true(sheet_of(source, twice)->score <
                sheet_of(source, audit_spoil(&arena, source, AUDIT_MOVED))->score);
}

static void test_what_is_not_there(void **state)
{
    (void)state;
    struct profile *source = shop(), *copy = shop();
    copy->table_count = 1;
    const struct audit_sheet *sheet = sheet_of(source, copy);
    assert_true(sheet->tables[1].missing && sheet->tables[1].score == 0 && sheet->missing_count == 1);
    assert_true(!audit_passes(sheet) && sheet->score <= 0.5 && sheet->worst == &sheet->tables[1]);
    copy = shop();
    copy->tables[0].column_count = 2;
    sheet = sheet_of(source, copy);
    assert_true(sheet->tables[0].columns[2].missing && !audit_passes(sheet));
    assert_string_equal(sheet->tables[0].worst->name, "note");
    copy = shop();
    copy->tables[0].analyzed = false;
    sheet = sheet_of(source, copy);
    assert_true(sheet->tables[0].unknown && isnan(sheet->tables[0].score) && !audit_passes(sheet));
    /* Keys keep no literals in a profile: nothing is told of what is not known. */
    source = shop();
    source->tables[0].columns[0].bound_count = 0;
    source->tables[0].columns[0].values = PROFILE_NONE;
    sheet = sheet_of(source, shop());
    assert_true(isnan(sheet->tables[0].columns[0].is.of[AUDIT_HISTOGRAM]) && sheet->score == 1);
}

static void test_another_size(void **state)
{
    (void)state;
    static const double rows[] = {10000, 400};
    struct profile *source = shop(), *copy = shop();
    const struct audit_pair pair = {.source = source, .copy = copy, .rows = rows};
    copy->tables[0].rows = 10000;
    copy->tables[0].pages = 70;
    copy->tables[0].indexes[0].rows = 10000;
    copy->tables[0].indexes[0].pages = 10;
    copy->tables[1].rows = 400;
    copy->tables[1].columns[0].distinct = 400;
    copy->tables[0].columns[0].distinct = 400; /* all parents have children */
    for (size_t c = 1; c < 3; c++) /* of values in 20 or 25 rows each a tenth of the rows shows nine tenths */
        copy->tables[0].columns[c].distinct *= 1 - pow(0.9, 100000 / copy->tables[0].columns[c].distinct);
    const struct audit_sheet *sheet = audit_sheet(&arena, &pair, NULL);
    near(sheet->is.of[AUDIT_ROWS], 1);
    near(sheet->is.of[AUDIT_HEAP_PAGES], 1);
    near(sheet->is.of[AUDIT_DISTINCT], 1);
    assert_true(isnan(sheet->is.of[AUDIT_REPORTED]) && audit_passes(sheet));
}

static void test_a_bloated_source_is_no_witness(void **state)
{
    (void)state;
    struct profile *source = shop();
    source->tables[0].pages *= 3;
    source->tables[0].indexes[0].pages *= 3;
    const struct audit_sheet *sheet = sheet_of(source, shop());
    assert_true(sheet->tables[0].bloated && isnan(sheet->is.of[AUDIT_HEAP_PAGES]) &&
                isnan(sheet->is.of[AUDIT_INDEX_PAGES]) && audit_passes(sheet));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_profile_is_like_itself),
        cmocka_unit_test(test_each_fault_is_seen),
        cmocka_unit_test(test_histograms),
        cmocka_unit_test(test_lists_that_end_elsewhere),
        cmocka_unit_test(test_noise_widens_limits),
        cmocka_unit_test(test_small_tables_weigh_little),
        cmocka_unit_test(test_noise_of_samples),
        cmocka_unit_test(test_what_the_plan_gives_is_left_out),
        cmocka_unit_test(test_what_statistics_do_not_tell),
        cmocka_unit_test(test_keys_are_in_one_order),
        cmocka_unit_test(test_controls_score_lower),
        cmocka_unit_test(test_what_is_not_there),
        cmocka_unit_test(test_another_size),
        cmocka_unit_test(test_a_bloated_source_is_no_witness),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
