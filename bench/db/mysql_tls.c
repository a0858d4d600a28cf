#include "bench/db/mysql.h"

#include <string.h>

/* Encryption of a local socket costs time and protects nothing: as the servers' own clients do, it is left out unless it is
 * asked for by name. */
static bool is_local(const struct mysql_world *world)
{
    return world->socket != NULL || world->host == NULL || strcmp(world->host, "localhost") == 0;
}

static bool is_wanted(const struct mysql_world *world)
{
    return world->tls != MYSQL_TLS_DISABLED && (world->tls != MYSQL_TLS_PREFERRED || !is_local(world));
}

void mysql_tls_ask(MYSQL *conn, const struct mysql_world *world)
{
    if (world->ssl_ca != NULL)
        mysql_options(conn, MYSQL_OPT_SSL_CA, world->ssl_ca);
    if (world->ssl_cert != NULL)
        mysql_options(conn, MYSQL_OPT_SSL_CERT, world->ssl_cert);
    if (world->ssl_key != NULL)
        mysql_options(conn, MYSQL_OPT_SSL_KEY, world->ssl_key);
#ifdef MARIADB_PACKAGE_VERSION
    my_bool wanted = is_wanted(world), identity = world->tls == MYSQL_TLS_IDENTITY;
    mysql_options(conn, MYSQL_OPT_SSL_ENFORCE, &wanted);
    mysql_options(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &identity);
#else
    static const unsigned modes[] = {[MYSQL_TLS_PREFERRED] = SSL_MODE_PREFERRED,
                                     [MYSQL_TLS_DISABLED] = SSL_MODE_DISABLED,
                                     [MYSQL_TLS_REQUIRED] = SSL_MODE_REQUIRED,
                                     [MYSQL_TLS_CA] = SSL_MODE_VERIFY_CA,
                                     [MYSQL_TLS_IDENTITY] = SSL_MODE_VERIFY_IDENTITY};
    unsigned mode = is_wanted(world) ? modes[world->tls] : SSL_MODE_DISABLED;
    mysql_options(conn, MYSQL_OPT_SSL_MODE, &mode);
#endif
}

bool mysql_tls_is_needed(const struct mysql_world *world)
{
    return world->tls != MYSQL_TLS_PREFERRED && world->tls != MYSQL_TLS_DISABLED;
}

/* Connector/C goes on in plain text when the server has no TLS. */
bool mysql_tls_have(MYSQL *conn, const struct mysql_world *world)
{
    return !mysql_tls_is_needed(world) || mysql_get_ssl_cipher(conn) != NULL;
}
