#include "bench/db/sql_words.h"

#include <string.h>
#include <strings.h>

enum { RULE_WORDS = 3 };

/* Words that stand between the ones that decide: CREATE [OR REPLACE] [UNIQUE] INDEX …, ALTER [ONLINE] TABLE … */
static const char *const skipped[] = {
    "OR",     "REPLACE",   "UNIQUE",    "FULLTEXT",           "SPATIAL", "VECTOR", "ONLINE", "OFFLINE",
    "IGNORE", "TEMPORARY", "AGGREGATE", "NO_WRITE_TO_BINLOG", "LOCAL",   NULL};

struct rule {
    const char *words[RULE_WORDS]; /* the first words, skipped ones left out */
    enum sql_kind kind;
};

static const struct rule rules[] = {
    {{"SELECT"}, SQL_KIND_SELECT},
    {{"VALUES"}, SQL_KIND_SELECT},
    {{"TABLE"}, SQL_KIND_SELECT},
    {{"INSERT"}, SQL_KIND_INSERT},
    {{"REPLACE"}, SQL_KIND_INSERT},
    {{"UPDATE"}, SQL_KIND_UPDATE},
    {{"DELETE"}, SQL_KIND_DELETE},
    {{"ALTER", "TABLE"}, SQL_KIND_ALTER_TABLE_OTHER},
    {{"OPTIMIZE"}, SQL_KIND_ALTER_TABLE_OTHER}, /* InnoDB makes the table anew */
    {{"RENAME", "TABLE"}, SQL_KIND_ALTER_TABLE_RENAME},
    {{"RENAME", "TABLES"}, SQL_KIND_ALTER_TABLE_RENAME},
    {{"CREATE", "INDEX"}, SQL_KIND_CREATE_INDEX},
    {{"DROP", "INDEX"}, SQL_KIND_DROP_INDEX},
    {{"CREATE", "TRIGGER"}, SQL_KIND_CREATE_TRIGGER},
    {{"DROP", "TRIGGER"}, SQL_KIND_DROP_TRIGGER},
    {{"CREATE", "FUNCTION"}, SQL_KIND_CREATE_FUNCTION},
    {{"CREATE", "PROCEDURE"}, SQL_KIND_CREATE_FUNCTION},
    {{"CREATE", "PACKAGE"}, SQL_KIND_CREATE_FUNCTION},
    {{"DROP", "FUNCTION"}, SQL_KIND_DROP_FUNCTION},
    {{"DROP", "PROCEDURE"}, SQL_KIND_DROP_FUNCTION},
    {{"DROP", "PACKAGE"}, SQL_KIND_DROP_FUNCTION},
    {{"CREATE", "TABLE"}, SQL_KIND_CREATE_TABLE},
    {{"DROP", "TABLE"}, SQL_KIND_DROP_TABLE},
    {{"DROP", "TABLES"}, SQL_KIND_DROP_TABLE},
    {{"DROP", "PREPARE"}, SQL_KIND_OTHER},
    {{"TRUNCATE"}, SQL_KIND_TRUNCATE},
    {{"ANALYZE", "TABLE"}, SQL_KIND_VACUUM},
    {{"ANALYZE", "TABLES"}, SQL_KIND_VACUUM},
    {{"BEGIN", "NOT"}, SQL_KIND_OTHER}, /* BEGIN NOT ATOMIC is no transaction */
    {{"BEGIN"}, SQL_KIND_BEGIN},
    {{"START", "TRANSACTION"}, SQL_KIND_BEGIN},
    {{"COMMIT"}, SQL_KIND_COMMIT},
    {{"ROLLBACK", "TO"}, SQL_KIND_OTHER},
    {{"ROLLBACK", "WORK", "TO"}, SQL_KIND_OTHER},
    {{"ROLLBACK"}, SQL_KIND_ROLLBACK},
    {{"LOAD", "DATA"}, SQL_KIND_COPY},
    {{"LOAD", "XML"}, SQL_KIND_COPY},
    {{"LOCK", "TABLE"}, SQL_KIND_LOCK_TABLE},
    {{"LOCK", "TABLES"}, SQL_KIND_LOCK_TABLE},
    {{"CREATE"}, SQL_KIND_OTHER_DDL},
    {{"ALTER"}, SQL_KIND_OTHER_DDL},
    {{"DROP"}, SQL_KIND_OTHER_DDL},
    {{"RENAME"}, SQL_KIND_OTHER_DDL},
    {{"GRANT"}, SQL_KIND_OTHER_DDL},
    {{"REVOKE"}, SQL_KIND_OTHER_DDL},
    {{"REPAIR"}, SQL_KIND_OTHER_DDL},
    {{"INSTALL"}, SQL_KIND_OTHER_DDL},
    {{"UNINSTALL"}, SQL_KIND_OTHER_DDL},
};

/* Behind DEFINER: = user [@host] [()]. Answers the index of the token after it. */
static int behind_definer(const struct sql_head *head, int at)
{
    at += 2; /* the equals sign and the name */
    if (at < SQL_HEAD && head->tokens[at].kind == SQL_VARIABLE)
        at++;
    else if (at + 1 < SQL_HEAD && sql_is_char(&head->tokens[at], '@'))
        at += 2;
    if (at + 1 < SQL_HEAD && sql_is_char(&head->tokens[at], '('))
        at += 2;
    return at;
}

/* The first words of a statement, those that decide nothing left out behind the first. */
static void words_of(enum sql_lexis lexis, const char *statement, struct sql_token words[RULE_WORDS])
{
    struct sql_head head = sql_head(lexis, statement);
    int count = 1;
    words[0] = sql_verb(lexis, statement);
    for (int i = 1; i < RULE_WORDS; i++)
        words[i] = (struct sql_token){.kind = SQL_END};
    for (int at = 1; at < SQL_HEAD && count < RULE_WORDS;) {
        if (sql_is_word(&head.tokens[at], "DEFINER"))
            at = behind_definer(&head, at + 1);
        else if (sql_is_one_of(&head.tokens[at], skipped))
            at++;
        else
            words[count++] = head.tokens[at++];
    }
}

static bool begins_with(const struct sql_token words[RULE_WORDS], const char *const rule[RULE_WORDS])
{
    for (int i = 0; i < RULE_WORDS && rule[i] != NULL; i++)
        if (!sql_is_word(&words[i], rule[i]))
            return false;
    return true;
}

/* What an action of ALTER TABLE is about when it is no column. */
static bool is_no_column(const struct sql_token *tokens)
{
    static const char *const others[] = {"INDEX", "KEY",     "FULLTEXT",   "SPATIAL",   "UNIQUE", "PRIMARY",
                                         "CHECK", "FOREIGN", "CONSTRAINT", "PARTITION", NULL};
    return sql_is_one_of(tokens, others) ||
           (sql_is_word(tokens, "PERIOD") && sql_is_word(tokens + 1, "FOR")) ||
           (sql_is_word(tokens, "SYSTEM") && sql_is_word(tokens + 1, "VERSIONING")) ||
           (sql_is_word(tokens, "VECTOR") &&
            (sql_is_word(tokens + 1, "INDEX") || sql_is_word(tokens + 1, "KEY")));
}

/* Where the name of the column stands in DROP, CHANGE and RENAME. */
static const struct sql_token *column_name(const struct sql_token *token)
{
    if (sql_is_word(token, "COLUMN"))
        token++;
    if (sql_is_word(token, "IF") && sql_is_word(token + 1, "EXISTS"))
        token += 2;
    return sql_is_name(token) ? token : NULL;
}

static bool same_name(enum sql_lexis lexis, const struct sql_token *a, const struct sql_token *b)
{
    struct arena arena = {0};
    const char *left = sql_fold(&arena, lexis, a->text, a->length);
    bool same = sql_is_name(b) && strcasecmp(left, sql_fold(&arena, lexis, b->text, b->length)) == 0;
    arena_free(&arena);
    return same;
}

const struct sql_token *sql_removed_mysql(enum sql_lexis lexis, const struct sql_action *action)
{
    const struct sql_token *token = action->tokens;
    if (sql_is_word(token, "DROP"))
        return is_no_column(token + 1) ? NULL : column_name(token + 1);
    if (sql_is_word(token, "RENAME"))
        return sql_is_word(token + 1, "COLUMN") ? column_name(token + 1) : NULL;
    if (!sql_is_word(token, "CHANGE"))
        return NULL;
    token = column_name(token + 1);
    return token == NULL || same_name(lexis, token, token + 1) ? NULL : token;
}

static enum sql_kind kind_of_add(const struct sql_token *tokens)
{
    if (!is_no_column(tokens + 1))
        return SQL_KIND_ALTER_TABLE_ADD_COLUMN;
    int at = 1;
    if (sql_is_word(&tokens[1], "CONSTRAINT"))
        at = sql_is_word(&tokens[2], "FOREIGN") ? 2 : 3;
    return sql_is_word(&tokens[at], "FOREIGN") ? SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY
                                               : SQL_KIND_ALTER_TABLE_OTHER;
}

/* What says how, or touches no row. */
static bool sets_options(const struct sql_token *token)
{
    static const char *const options[] = {"ALGORITHM",
                                          "LOCK",
                                          "WAIT",
                                          "NOWAIT",
                                          "COMMENT",
                                          "AUTO_INCREMENT",
                                          "STATS_PERSISTENT",
                                          "STATS_AUTO_RECALC",
                                          "STATS_SAMPLE_PAGES",
                                          NULL};
    return sql_is_one_of(token, options);
}

static enum sql_kind kind_of_action(enum sql_lexis lexis, const struct sql_action *action)
{
    const struct sql_token *tokens = action->tokens;
    bool column = sql_removed_mysql(lexis, action) != NULL;
    if (sql_is_word(&tokens[0], "ADD"))
        return kind_of_add(tokens);
    if (sql_is_word(&tokens[0], "DROP"))
        return column ? SQL_KIND_ALTER_TABLE_DROP_COLUMN : SQL_KIND_ALTER_TABLE_OTHER;
    if (column || (sql_is_word(&tokens[0], "RENAME") && !is_no_column(&tokens[1])))
        return SQL_KIND_ALTER_TABLE_RENAME;
    return sets_options(&tokens[0]) ? SQL_KIND_ALTER_TABLE_SET_OPTIONS : SQL_KIND_ALTER_TABLE_OTHER;
}

enum sql_kind sql_kind_mysql(enum sql_lexis lexis, const char *statement)
{
    struct sql_token words[RULE_WORDS];
    words_of(lexis, statement, words);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (!begins_with(words, rules[i].words))
            continue;
        return rules[i].kind == SQL_KIND_ALTER_TABLE_OTHER && sql_is_word(&words[0], "ALTER")
                   ? sql_kind_of_alter(lexis, statement, kind_of_action)
                   : rules[i].kind;
    }
    return SQL_KIND_OTHER;
}

/* CREATE TEMPORARY TABLE and DROP TEMPORARY TABLE commit nothing. */
static bool is_temporary(enum sql_lexis lexis, const char *statement)
{
    struct sql_head head = sql_head(lexis, statement);
    int at = sql_is_word(&head.tokens[1], "OR") ? 3 : 1;
    return sql_is_word(&head.tokens[at], "TEMPORARY");
}

bool sql_commits_implicitly(enum sql_lexis lexis, const char *statement)
{
    static const char *const committing[][RULE_WORDS] = {
        {"CREATE"},
        {"ALTER"},
        {"DROP"},
        {"RENAME"},
        {"TRUNCATE"},
        {"GRANT"},
        {"REVOKE"},
        {"SET", "PASSWORD"},
        {"INSTALL"},
        {"UNINSTALL"},
        {"LOCK"},
        {"UNLOCK"},
        {"ANALYZE", "TABLE"},
        {"ANALYZE", "TABLES"},
        {"CACHE", "INDEX"},
        {"CHECK", "TABLE"},
        {"CHECK", "TABLES"},
        {"FLUSH"},
        {"LOAD", "INDEX"},
        {"OPTIMIZE"},
        {"REPAIR"},
        {"RESET"},
        {"CHANGE"},
        {"IMPORT"},
        {"START", "SLAVE"},
        {"START", "REPLICA"},
        {"STOP"},
    };
    struct sql_token words[RULE_WORDS];
    if (!sql_is_mysql(lexis))
        return false;
    words_of(lexis, statement, words);
    if (sql_is_word(&words[0], "DROP") && sql_is_word(&words[1], "PREPARE"))
        return false;
    for (size_t i = 0; i < sizeof committing / sizeof committing[0]; i++)
        if (begins_with(words, committing[i]))
            return !is_temporary(lexis, statement);
    return false;
}

/* The word that a statement's first table follows. */
static bool is_anchor(enum sql_kind kind, const struct sql_token *token)
{
    static const char *const table[] = {"TABLE", "TABLES", NULL}, *const on[] = {"ON", NULL};
    static const char *const verbs[] = {"INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE", "LOCK", NULL};
    bool verb = (kind >= SQL_KIND_INSERT && kind <= SQL_KIND_DELETE) || kind == SQL_KIND_TRUNCATE ||
                kind == SQL_KIND_LOCK_TABLE;
    bool index = kind == SQL_KIND_CREATE_INDEX || kind == SQL_KIND_DROP_INDEX ||
                 kind == SQL_KIND_CREATE_TRIGGER;
    return sql_is_one_of(token, verb ? verbs : index ? on : table);
}

struct sql_token sql_table_mysql(struct sql_scan *scan, const char *statement)
{
    static const char *const between[] = {
        "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK",  "IGNORE", "INTO", "FROM", "TABLE",
        "TABLES",       "IF",      "NOT",           "EXISTS", NULL};
    enum sql_kind kind = sql_kind_mysql(scan->lexis, statement);
    bool known = (kind >= SQL_KIND_INSERT && kind <= SQL_KIND_CREATE_INDEX) || kind == SQL_KIND_DROP_INDEX ||
                 kind == SQL_KIND_CREATE_TRIGGER ||
                 (kind >= SQL_KIND_CREATE_TABLE && kind <= SQL_KIND_VACUUM) || kind == SQL_KIND_COPY ||
                 kind == SQL_KIND_LOCK_TABLE;
    struct sql_token token = {.kind = SQL_END};
    if (!known)
        return token;
    do
        token = sql_next_outside(scan);
    while (token.kind != SQL_END && !is_anchor(kind, &token));
    do
        token = sql_next_outside(scan);
    while (sql_is_one_of(&token, between));
    return token;
}
