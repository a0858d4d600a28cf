#include "bench/db/sql_words.h"

/* Words that stand between the ones that decide: CREATE [OR REPLACE] [UNIQUE] INDEX … */
static const char *const skipped[] = {"OR",    "REPLACE",  "UNIQUE",     "TEMP",    "TEMPORARY", "GLOBAL",
                                      "LOCAL", "UNLOGGED", "CONSTRAINT", "TRUSTED", NULL};

struct rule {
    const char *words[3]; /* the first words, skipped ones left out */
    enum sql_kind kind;
    enum sql_kind concurrently; /* when CONCURRENTLY follows at once; SQL_KIND_OTHER: no such form */
};

static const struct rule rules[] = {
    {{"SELECT"}, SQL_KIND_SELECT, SQL_KIND_OTHER},
    {{"VALUES"}, SQL_KIND_SELECT, SQL_KIND_OTHER},
    {{"TABLE"}, SQL_KIND_SELECT, SQL_KIND_OTHER},
    {{"INSERT"}, SQL_KIND_INSERT, SQL_KIND_OTHER},
    {{"UPDATE"}, SQL_KIND_UPDATE, SQL_KIND_OTHER},
    {{"DELETE"}, SQL_KIND_DELETE, SQL_KIND_OTHER},
    {{"ALTER", "TABLE"}, SQL_KIND_ALTER_TABLE_OTHER, SQL_KIND_OTHER},
    {{"CREATE", "INDEX"}, SQL_KIND_CREATE_INDEX, SQL_KIND_CREATE_INDEX_CONCURRENTLY},
    {{"DROP", "INDEX"}, SQL_KIND_DROP_INDEX, SQL_KIND_DROP_INDEX_CONCURRENTLY},
    {{"CREATE", "TRIGGER"}, SQL_KIND_CREATE_TRIGGER, SQL_KIND_OTHER},
    {{"DROP", "TRIGGER"}, SQL_KIND_DROP_TRIGGER, SQL_KIND_OTHER},
    {{"CREATE", "FUNCTION"}, SQL_KIND_CREATE_FUNCTION, SQL_KIND_OTHER},
    {{"CREATE", "PROCEDURE"}, SQL_KIND_CREATE_FUNCTION, SQL_KIND_OTHER},
    {{"DROP", "FUNCTION"}, SQL_KIND_DROP_FUNCTION, SQL_KIND_OTHER},
    {{"DROP", "PROCEDURE"}, SQL_KIND_DROP_FUNCTION, SQL_KIND_OTHER},
    {{"CREATE", "TABLE"}, SQL_KIND_CREATE_TABLE, SQL_KIND_OTHER},
    {{"DROP", "TABLE"}, SQL_KIND_DROP_TABLE, SQL_KIND_OTHER},
    {{"TRUNCATE"}, SQL_KIND_TRUNCATE, SQL_KIND_OTHER},
    {{"VACUUM"}, SQL_KIND_VACUUM, SQL_KIND_OTHER},
    {{"BEGIN"}, SQL_KIND_BEGIN, SQL_KIND_OTHER},
    {{"START", "TRANSACTION"}, SQL_KIND_BEGIN, SQL_KIND_OTHER},
    {{"COMMIT", "PREPARED"}, SQL_KIND_OTHER, SQL_KIND_OTHER},
    {{"COMMIT"}, SQL_KIND_COMMIT, SQL_KIND_OTHER},
    {{"END"}, SQL_KIND_COMMIT, SQL_KIND_OTHER},
    {{"ROLLBACK", "PREPARED"}, SQL_KIND_OTHER, SQL_KIND_OTHER},
    {{"ROLLBACK", "TO"}, SQL_KIND_OTHER, SQL_KIND_OTHER},
    {{"ROLLBACK", "WORK", "TO"}, SQL_KIND_OTHER, SQL_KIND_OTHER},
    {{"ROLLBACK", "TRANSACTION", "TO"}, SQL_KIND_OTHER, SQL_KIND_OTHER},
    {{"ROLLBACK"}, SQL_KIND_ROLLBACK, SQL_KIND_OTHER},
    {{"ABORT"}, SQL_KIND_ROLLBACK, SQL_KIND_OTHER},
    {{"COPY"}, SQL_KIND_COPY, SQL_KIND_OTHER},
    {{"LOCK"}, SQL_KIND_LOCK_TABLE, SQL_KIND_OTHER},
    {{"CREATE"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"ALTER"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"DROP"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"COMMENT", "ON"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"GRANT"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"REVOKE"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"REINDEX"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"CLUSTER"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"REFRESH"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"SECURITY", "LABEL"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
    {{"IMPORT", "FOREIGN"}, SQL_KIND_OTHER_DDL, SQL_KIND_OTHER},
};

/* True when the head begins with the rule's words; *after gets the index of the token behind them. */
static bool matches(const struct rule *rule, const struct sql_head *head, int *after)
{
    int at = 0;
    for (int i = 0; i < 3 && rule->words[i] != NULL; i++) {
        while (i > 0 && at < SQL_HEAD - 1 && sql_is_one_of(&head->tokens[at], skipped))
            at++;
        if (at >= SQL_HEAD - 1 || !sql_is_word(&head->tokens[at], rule->words[i]))
            return false;
        at++;
    }
    *after = at;
    return true;
}

static enum sql_kind kind_of_add(const struct sql_token *tokens)
{
    static const char *const constraints[] = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK",
                                              "FOREIGN",    "EXCLUDE", NULL};
    if (!sql_is_one_of(&tokens[1], constraints))
        return SQL_KIND_ALTER_TABLE_ADD_COLUMN;
    int kind = sql_is_word(&tokens[1], "CONSTRAINT") ? 3 : 1;
    return sql_is_word(&tokens[kind], "FOREIGN") ? SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY
                                                 : SQL_KIND_ALTER_TABLE_OTHER;
}

static bool is_open(const struct sql_token *token)
{
    return token->kind == SQL_OTHER && token->text[0] == '(';
}

/* What PostgreSQL does without keeping readers or writers out. */
static bool sets_options(const struct sql_token *tokens)
{
    if (sql_is_word(&tokens[0], "ALTER")) {
        const struct sql_token *what = sql_is_word(&tokens[1], "COLUMN") ? &tokens[3] : &tokens[2];
        bool set = sql_is_word(what, "SET");
        return (set && sql_is_word(what + 1, "STATISTICS")) ||
               ((set || sql_is_word(what, "RESET")) && is_open(what + 1));
    }
    return ((sql_is_word(&tokens[0], "SET") || sql_is_word(&tokens[0], "RESET")) && is_open(&tokens[1])) ||
           (sql_is_word(&tokens[0], "SET") && sql_is_word(&tokens[1], "WITHOUT")) ||
           sql_is_word(&tokens[0], "CLUSTER") || sql_is_word(&tokens[0], "ATTACH");
}

static enum sql_kind kind_of_action(enum sql_lexis lexis, const struct sql_action *action)
{
    (void)lexis;
    const struct sql_token *tokens = action->tokens;
    bool constraint = sql_is_word(&tokens[1], "CONSTRAINT");
    if (sql_is_word(&tokens[0], "ADD"))
        return kind_of_add(tokens);
    if (sql_is_word(&tokens[0], "DROP") && !constraint)
        return SQL_KIND_ALTER_TABLE_DROP_COLUMN;
    if (sql_is_word(&tokens[0], "RENAME") && !constraint)
        return SQL_KIND_ALTER_TABLE_RENAME;
    if (sql_is_word(&tokens[0], "VALIDATE"))
        return SQL_KIND_ALTER_TABLE_VALIDATE;
    return sets_options(tokens) ? SQL_KIND_ALTER_TABLE_SET_OPTIONS : SQL_KIND_ALTER_TABLE_OTHER;
}

enum sql_kind sql_kind_of_alter(enum sql_lexis lexis, const char *statement,
                                enum sql_kind (*kind_of)(enum sql_lexis, const struct sql_action *))
{
    static const int rank[] = {
        [SQL_KIND_ALTER_TABLE_DROP_COLUMN] = 6,     [SQL_KIND_ALTER_TABLE_RENAME] = 5,
        [SQL_KIND_ALTER_TABLE_ADD_COLUMN] = 4,      [SQL_KIND_ALTER_TABLE_OTHER] = 3,
        [SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY] = 2, [SQL_KIND_ALTER_TABLE_VALIDATE] = 1,
        [SQL_KIND_ALTER_TABLE_SET_OPTIONS] = 0,
    };
    struct sql_actions actions;
    struct sql_action action;
    if (!sql_actions(lexis, statement, &actions) || !sql_next_action(&actions, &action))
        return SQL_KIND_ALTER_TABLE_OTHER;
    enum sql_kind kind = kind_of(lexis, &action);
    while (sql_next_action(&actions, &action)) {
        enum sql_kind this_kind = kind_of(lexis, &action);
        if (rank[this_kind] > rank[kind])
            kind = this_kind;
    }
    return kind;
}

static bool has_word(enum sql_lexis lexis, const char *statement, const char *word)
{
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    for (struct sql_token token = sql_next_meaning(&scan); token.kind != SQL_END;
         token = sql_next_meaning(&scan)) {
        if (sql_is_word(&token, word))
            return true;
    }
    return false;
}

enum sql_kind sql_kind(enum sql_lexis lexis, const char *statement)
{
    if (sql_is_mysql(lexis))
        return sql_kind_mysql(lexis, statement);
    struct sql_head head = sql_head(lexis, statement);
    head.tokens[0] = sql_verb(lexis, statement);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        int after;
        if (!matches(&rules[i], &head, &after))
            continue;
        if (rules[i].kind == SQL_KIND_ALTER_TABLE_OTHER)
            return sql_kind_of_alter(lexis, statement, kind_of_action);
        if (rules[i].concurrently != SQL_KIND_OTHER && sql_is_word(&head.tokens[after], "CONCURRENTLY"))
            return rules[i].concurrently;
        if (sql_is_word(&head.tokens[0], "REINDEX") && has_word(lexis, statement, "CONCURRENTLY"))
            return SQL_KIND_REINDEX_CONCURRENTLY;
        return rules[i].kind;
    }
    return SQL_KIND_OTHER;
}

bool sql_kind_is_ddl(enum sql_kind kind)
{
    return (kind >= SQL_KIND_ALTER_TABLE_ADD_COLUMN && kind <= SQL_KIND_TRUNCATE) ||
           kind == SQL_KIND_OTHER_DDL;
}

bool sql_forbids_transaction(enum sql_lexis lexis, const char *statement)
{
    static const struct {
        const char *words[3];
        const char *with; /* only when this word stands anywhere; NULL: always */
    } forbidden[] = {
        {{"VACUUM"}, NULL},
        {{"CREATE", "INDEX"}, "CONCURRENTLY"},
        {{"DROP", "INDEX"}, "CONCURRENTLY"},
        {{"REINDEX"}, "CONCURRENTLY"},
        {{"REINDEX", "DATABASE"}, NULL},
        {{"REINDEX", "SYSTEM"}, NULL},
        {{"REINDEX", "SCHEMA"}, NULL},
        {{"ALTER", "TABLE"}, "CONCURRENTLY"}, /* DETACH PARTITION … CONCURRENTLY */
        {{"CREATE", "DATABASE"}, NULL},
        {{"DROP", "DATABASE"}, NULL},
        {{"ALTER", "DATABASE"}, "TABLESPACE"},
        {{"CREATE", "TABLESPACE"}, NULL},
        {{"DROP", "TABLESPACE"}, NULL},
        {{"ALTER", "SYSTEM"}, NULL},
        {{"CREATE", "SUBSCRIPTION"}, NULL},
        {{"DROP", "SUBSCRIPTION"}, NULL},
    };
    if (sql_is_mysql(lexis))
        return sql_commits_implicitly(lexis, statement);
    struct sql_head head = sql_head(lexis, statement);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        struct rule rule = {.words = {forbidden[i].words[0], forbidden[i].words[1], NULL}};
        int after;
        if (matches(&rule, &head, &after) &&
            (forbidden[i].with == NULL || has_word(lexis, statement, forbidden[i].with)))
            return true;
    }
    return sql_is_word(&head.tokens[0], "CLUSTER") && head.tokens[1].kind == SQL_END;
}
